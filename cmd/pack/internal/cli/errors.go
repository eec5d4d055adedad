package cli

import (
	"errors"
	"fmt"
	"io"
)

// exitError asks for an exit code other than 1. Without an error nothing is
// printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitCode is the one place that maps errors to exit codes. As in Helm, every
// error is 1; other codes are only those that a flag asked for.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	return 1
}

// printError writes an error as the user sees it.
func printError(w io.Writer, err error) {
	if exit, ok := errors.AsType[*exitError](err); ok && exit.err == nil {
		return
	}
	fmt.Fprintf(w, "Error: %v\n", err)
	if h := hint(err); h != "" {
		fmt.Fprintln(w, h)
	}
}
