"""One offline page on which plans and beliefs are moved and the stored draws answer.

`explored.py` chooses the controls and holds the draws, `answer.py` says what they answer at one
setting, `page.py` writes both into a page, whose script works out the same answer.
"""
