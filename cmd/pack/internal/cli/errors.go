package cli

import (
	"errors"
	"fmt"
)

// exitError is an error that ends the program with an exit code of its own.
type exitError struct {
	error
	code int
}

func (e *exitError) Unwrap() error { return e.error }

func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	return 1
}

// printError writes an error as the user sees it: its text, where it comes from,
// and what to do next.
func (s *session) printError(err error) {
	fmt.Fprintf(s.Err, "Error: %v\n", err)
	s.printReports(err)
	diagnosisPrinter{w: s.Err, paint: s.paintError}.print(err)
	if h := hint(err); h != "" {
		fmt.Fprintln(s.Err, h)
	}
}
