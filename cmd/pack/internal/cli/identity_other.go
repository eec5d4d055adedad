//go:build !linux

package cli

// thisProcess is empty: there is no way here to know of a process what it is.
func thisProcess() string { return "" }

// processAlive knows of no process.
func processAlive(string) (alive, known bool) { return false, false }
