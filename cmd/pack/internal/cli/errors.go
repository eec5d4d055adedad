package cli

import (
	"fmt"
)

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
