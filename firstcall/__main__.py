"""`python -m firstcall` is the command `firstcall`."""

from firstcall.cli import main

if __name__ == "__main__":
    main()
