"""allocations.py PRELOAD FOLDER PLAN NUMBER: each command of PLAN, repeatedly, each time with another of its allocations failing.

PLAN has a command on each line: a name, a tab, what a shell is to run in a copy of FOLDER.  Files whose names begin with "out" are
its results.  Of each command as many as NUMBER allocations fail in turn: the first ones, the last ones, and some between (0: all
of the first and last 500).  Prints a line of TAP for each command.  What is right: exit status 1 with no file and a message about
memory, or the same output as without a failure."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

preload, folder, plan, number = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
EDGE, TIMEOUT = 500, 20
RIGHT = re.compile(rb"memory|cannot start (a )?thread|Resource temporarily unavailable", re.I)


def results(place):
    names = sorted(name for name in os.listdir(place) if name.startswith("out"))
    return [(name, open(os.path.join(place, name), "rb").read()) for name in names if os.path.isfile(os.path.join(place, name))]


def run(command, at, counted=None):
    place = tempfile.mkdtemp(dir=scratch)
    try:
        for name in os.listdir(folder):
            os.symlink(os.path.join(folder, name), os.path.join(place, name))
        for name in re.findall(r"\bout[\w.]*", command):  # initial states are separate files
            source = os.path.join(folder, "begin-" + name)
            if os.path.exists(source):
                shutil.copy(source, os.path.join(place, name))
        env = dict(os.environ, LD_PRELOAD=preload)
        if counted:
            env["FAIL_COUNT"] = counted
        if at:
            env["FAIL_AT"] = str(at)
        process = subprocess.Popen(["sh", "-c", "exec " + command], cwd=place, env=env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return "hangs", b"", b"", []
        return process.returncode, out, err, results(place)
    finally:
        shutil.rmtree(place)


def wrong(command, at, expected):
    status, out, err, files = run(command, at)
    if status == "hangs":
        return "hangs"
    if status == 0:
        return None if (out, files) == (expected[1], expected[3]) else "exit 0 with another output: %r" % err[-200:]
    if status != 1:
        return "exit %d: %r" % (status, err[-200:])
    if not RIGHT.search(err):
        return "another reason: %r" % err[-200:]
    if any(b"dropped" in line and line not in expected[2] for line in err.splitlines()):
        return "a record is dropped: %r" % err[-300:]
    left = [name for name, _ in files if name not in kept(command) and not name.endswith(".state")]
    return "exit 1 and %s" % left if left else None


def kept(command):
    return [name for name in re.findall(r"\bout[\w.]*", command) if os.path.exists(os.path.join(folder, "begin-" + name))]


def numbers(total):
    if number == 0:
        return sorted(set(range(1, min(total, EDGE) + 1)) | set(range(max(1, total - EDGE + 1), total + 1)))
    if total <= number:
        return list(range(1, total + 1))
    third = number // 3
    between = range(third + 1, total - third, max(1, (total - 2 * third) // third))
    return sorted(set(range(1, third + 1)) | set(between) | set(range(total - third + 1, total + 1)))


scratch = tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
tried = 0
try:
    with ThreadPoolExecutor(int(os.environ.get("CC_JOBS", "2"))) as pool:
        for test, line in enumerate(open(plan), 1):
            name, _, command = line.rstrip("\n").partition("\t")
            expected = run(command, 0, scratch + "/count")
            if expected[0] != 0:
                print("not ok %d - %s: exit %s without a failure: %r" % (test, name, expected[0], expected[2][-200:]), flush=True)
                continue
            total = int(open(scratch + "/count").read())
            which = numbers(total)
            found = [(at, what) for at, what in zip(which, pool.map(lambda at: wrong(command, at, expected), which)) if what]
            tried += len(which)
            print("%s %d - %s: %d of %d allocations" % ("not ok" if found else "ok", test, name, len(which), total), flush=True)
            for at, what in found[: 1000 if number == 0 else 10]:
                print("# allocation %d: %s" % (at, what))
    print("1..%d\n# %d failed allocations" % (test, tried))
finally:
    shutil.rmtree(scratch)
