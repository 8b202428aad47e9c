"""``python -m service`` is the ``passerby`` command."""

from service.cli import main

if __name__ == "__main__":
    main(prog_name="passerby")
