"""`python -m diptych.identity` makes an API key."""

import sys

from diptych.identity.api_key import new_api_key


def main() -> None:
    made = new_api_key()
    # The key goes to its owner, and is shown this once.
    sys.stdout.write(f"key:  {made.key}\nhash: {made.hash}\n")


if __name__ == "__main__":
    main()
