"""How often things happen and how long they take, of all processes together: counted in memory, added to tables."""
