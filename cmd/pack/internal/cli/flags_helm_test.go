package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestFlagsOfHelm looks for every flag of both Helms: its short form, and whether it can
// stand alone, by which a command line is cut into flags and arguments.
func TestFlagsOfHelm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"helm3", "helm4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("../../../../testdata/flags", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			root := newRootCmd(newSession(appWith(nil)), "")
			commands := 0
			for line := range strings.Lines(string(data)) {
				path, flags, ok := strings.Cut(strings.TrimSpace(line), ": ")
				if !ok || strings.HasPrefix(line, "#") {
					continue
				}
				commands++
				cmd := commandAt(t, root, path)
				for _, flag := range strings.Fields(flags) {
					if problem := checkFlag(cmd, flag); problem != "" {
						t.Errorf("%s: %s: %s", path, flag, problem)
					}
				}
			}
			if commands < 40 {
				t.Errorf("%d commands", commands)
			}
		})
	}
}

// commandAt finds a command, with the flags that all have.
func commandAt(t *testing.T, root *cobra.Command, path string) *cobra.Command {
	t.Helper()
	if path == "all" {
		return root
	}
	cmd, rest, err := root.Find(strings.Fields(path))
	if err != nil || len(rest) > 0 {
		t.Fatalf("%s: %v", path, err)
	}
	return cmd
}

// checkFlag compares a flag with its line in the table.
func checkFlag(cmd *cobra.Command, text string) string {
	text, value, takes := strings.Cut(text, "=")
	name, short, _ := strings.Cut(text, "/")
	var f *pflag.Flag
	if f = cmd.Flags().Lookup(name); f == nil {
		f = cmd.PersistentFlags().Lookup(name)
	}
	switch {
	case f == nil:
		return "it does not exist"
	case short != "" && f.Shorthand != short:
		return "its short form is -" + f.Shorthand
	case (!takes || value == "?") && f.NoOptDefVal == "":
		return "it cannot stand alone"
	case takes && value == "" && f.NoOptDefVal != "":
		return "it takes no value from the next argument"
	}
	return ""
}
