package cli

import (
	"context"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// App is what the program reaches outside itself.
type App struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// Env looks an environment variable up.
	Env func(name string) (string, bool)
	// Now is the clock.
	Now func() time.Time
	// Dir is the directory that relative paths start from; empty means the
	// process's.
	Dir string
	// Home is the user's home directory, empty if there is none.
	Home string
	// Program is the path of the program, as "env" prints it.
	Program  string
	Terminal Terminal
	Build    Build
}

// Terminal is what is known of the terminal.
type Terminal struct {
	// In, Out and Err say which streams are connected to one.
	In, Out, Err bool
}

// SystemApp is the process's own surroundings.
func SystemApp() App {
	home, _ := os.UserHomeDir()
	return App{
		In:      os.Stdin,
		Out:     os.Stdout,
		Err:     os.Stderr,
		Env:     os.LookupEnv,
		Now:     time.Now,
		Home:    home,
		Program: os.Args[0],
		Terminal: Terminal{
			In:  term.IsTerminal(int(os.Stdin.Fd())),
			Out: term.IsTerminal(int(os.Stdout.Fd())),
			Err: term.IsTerminal(int(os.Stderr.Fd())),
		},
		Build: readBuild(),
	}
}

// Main runs the program with the process's arguments and surroundings and
// returns its exit code.
func Main(ctx context.Context) int { return Run(ctx, SystemApp(), os.Args[1:]) }

// Run runs the program with arguments (without the program's name) and returns
// its exit code: 0, or 1 for an error, which it has printed.
func Run(ctx context.Context, app App, args []string) int {
	s := newSession(app)
	root := newRootCmd(s)
	root.SetArgs(args)
	root.SetIn(app.In)
	root.SetOut(app.Out)
	root.SetErr(app.Err)
	keepNotices(root, args)
	if err := root.ExecuteContext(ctx); err != nil {
		s.printError(err)
		return 1
	}
	return 0
}
