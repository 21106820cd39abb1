"""Records out into files, any number in bounded memory; what is exported can be imported again and changes nothing."""
