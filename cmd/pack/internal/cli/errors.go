package cli

import (
	"fmt"
	"io"
)

// printError writes an error as the user sees it.
func printError(w io.Writer, err error) {
	fmt.Fprintf(w, "Error: %v\n", err)
	if h := hint(err); h != "" {
		fmt.Fprintln(w, h)
	}
}
