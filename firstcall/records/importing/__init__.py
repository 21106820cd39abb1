"""Files of records in: any size in bounded memory, columns mapped by themselves, problems told, undone as a whole."""
