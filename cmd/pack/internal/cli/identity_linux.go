package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// thisProcess identifies this process among all that run anywhere: by the boot of
// the machine, the namespace of process numbers, the number, and the time at which
// the process began. It is empty where /proc does not tell.
func thisProcess() string {
	machine, began := machineName(), processBegan(os.Getpid())
	if machine == "" || began == "" {
		return ""
	}
	return machine + "/" + strconv.Itoa(os.Getpid()) + "/" + began
}

// machineName is where process numbers mean the same.
func machineName() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "/" + namespace
}

// processBegan is when a process began, in ticks since the boot; empty if it does
// not run, or has ended and nobody has asked how.
func processBegan(pid int) string {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const state, startTime = 0, 19
	if len(fields) <= startTime || fields[state] == "Z" || fields[state] == "X" {
		return ""
	}
	return fields[startTime]
}

// processAlive says whether a process that thisProcess identified runs. It is not
// known of one of another machine, and where processes of others are hidden.
func processAlive(process string) (alive, known bool) {
	machine := machineName()
	rest, ok := strings.CutPrefix(process, machine+"/")
	if machine == "" || !ok {
		return false, false
	}
	number, began, _ := strings.Cut(rest, "/")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return false, false
	}
	if _, err := os.Stat("/proc/1/stat"); errors.Is(err, fs.ErrNotExist) {
		return false, false
	}
	return processBegan(pid) == began, true
}
