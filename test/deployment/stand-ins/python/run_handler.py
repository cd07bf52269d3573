"""run_handler.py FOLDER: Lambda's part for the kubectl function in FOLDER; the event on stdin, its answer on stdout."""
import json
import logging
import os
import sys
import time

sys.path.insert(0, sys.argv[1])
# First of all, also where something put Python's own programs before them.
os.environ['PATH'] = os.environ['STAND_IN_PATH'] + ':' + os.environ['PATH']
answers, sys.stdout = sys.stdout, sys.stderr
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format='%(message)s')
# It pauses for ten seconds between two looks.
pause = time.sleep
time.sleep = lambda seconds: pause(min(seconds, 0.3))

import index  # noqa: E402

try:
    answer = {'result': index.handler(json.load(sys.stdin), None)}
except Exception as error:
    answer = {'error': {'errorMessage': str(error), 'errorType': type(error).__name__}}
json.dump(answer, answers)
