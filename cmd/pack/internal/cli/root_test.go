package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCommandNames compares the names under which commands are made with their own.
func TestCommandNames(t *testing.T) {
	t.Parallel()
	s := newSession(appWith(nil))
	for _, c := range commands() {
		cmd := c.make(s)
		if diff := cmp.Diff(append([]string{cmd.Name()}, cmd.Aliases...), c.names); diff != "" {
			t.Errorf("%s (-the command's names +those in the table):\n%s", cmd.Name(), diff)
		}
	}
}

func TestFirstCommand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, ""},
		{[]string{"install", "--help"}, "install"},
		{[]string{"ls", "-A"}, "ls"},
		{[]string{"--debug", "install"}, ""},
		{[]string{"help", "install"}, ""},
		{[]string{"__complete", "install", ""}, ""},
		{[]string{"instal"}, ""},
		{[]string{""}, ""},
	} {
		got := firstCommand(tt.args)
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.args, got, tt.want)
		}
		root := newRootCmd(newSession(appWith(nil)), got)
		if made := len(root.Commands()); got == "" && made < len(commands()) || got != "" && made != 1 {
			t.Errorf("%q: %d commands are made", tt.args, made)
		}
	}
}
