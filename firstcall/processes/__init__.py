"""Running the service: its database, its processes and who watches over them, its copies on a shelf."""
