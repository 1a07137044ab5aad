#!/usr/bin/env bash
# Guess:    Process.destroy() sends the signal and no more: what the process has written, and writes while it ends, can be read
#           afterwards, as with a kill from a shell.
# Found:    on Linux, destroy() also closes this side of the three streams: the next read throws IOException "Stream closed",
#           and what lay in the pipe is lost. toHandle().destroy() sends the same signal and leaves the streams open. The
#           documentation of Process says neither.
# Versions: OpenJDK 17.0.15 and 25.0.3, Linux.
# Source:   this program: a child that has written a line and writes another when it is told to stop.
# Needs:    java, 17 or newer. Exits with 0 as long as it is so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/Ended.java" <<'JAVA'
import java.io.IOException;

class Ended {
    public static void main(String[] args) throws Exception {
        System.out.println("java " + Runtime.version());
        String byProcess = said(Process::destroy);
        String byHandle = said(process -> process.toHandle().destroy());
        System.out.println("Process.destroy():        " + byProcess);
        System.out.println("ProcessHandle.destroy():  " + byHandle);
        System.exit(byProcess.equals("Stream closed") && byHandle.equals("first, last") ? 0 : 1);
    }

    interface End {
        void of(Process process);
    }

    static String said(End end) throws Exception {
        var process = new ProcessBuilder("sh", "-c", "trap 'echo last; exit' TERM; echo first; while :; do sleep 0.1; done").start();
        Thread.sleep(500);
        end.of(process);
        process.waitFor();
        try {
            return new String(process.getInputStream().readAllBytes()).strip().replace("\n", ", ");
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
JAVA
java "$work/Ended.java"
