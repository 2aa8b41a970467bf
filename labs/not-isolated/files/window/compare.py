"""Does the box on the left see what this one sees? `python compare.py kernel` says `same` or `own`."""

import os
import sys
import time
from urllib.request import urlopen

from views import VIEWS


def agree(name):
    """Of a clock or a load, which move on between two looks, one agreement in five tries is enough."""
    for _ in range(5):
        with urlopen("{}/{}".format(os.environ["LEFT_URL"], name)) as answer:
            theirs = answer.read().decode()
        ours = VIEWS[name]()
        if ours == theirs or (name == "uptime" and abs(float(ours) - float(theirs)) < 1):
            return True
        time.sleep(0.1)
    return False


if __name__ == "__main__":
    print("same" if agree(sys.argv[1]) else "own")
