package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"syscall"
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
	// Environ returns all of the environment, each "NAME=value", for programs
	// that are run; nil means that it is empty.
	Environ func() []string
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
	// OneProcessor has the process run on one processor at a time until the function
	// that it returns is called; nil where that is not to be changed.
	OneProcessor func() (restore func())
}

// Terminal is what is known of the terminal.
type Terminal struct {
	// In, Out and Err say which streams are connected to one.
	In, Out, Err bool
	// Size asks for the width and the height of the terminal behind Err; nil, or
	// an answer without a width, means 80 by 24.
	Size func() (width, height int)
	// Password reads a line from the terminal behind In, which does not show it,
	// until the context ends; nil where In is no terminal.
	Password func(ctx context.Context) (string, error)
}

func (t Terminal) size() (width, height int) {
	if t.Size != nil {
		width, height = t.Size()
	}
	if width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// SystemApp is the process's own surroundings.
func SystemApp() App {
	home, _ := os.UserHomeDir()
	var password func(context.Context) (string, error)
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		password = terminalPassword(fd)
	}
	return App{
		In:      os.Stdin,
		Out:     os.Stdout,
		Err:     os.Stderr,
		Env:     os.LookupEnv,
		Environ: os.Environ,
		Now:     time.Now,
		Home:    home,
		Program: os.Args[0],
		Terminal: Terminal{
			In:       password != nil,
			Out:      term.IsTerminal(int(os.Stdout.Fd())),
			Err:      term.IsTerminal(int(os.Stderr.Fd())),
			Password: password,
			Size: func() (width, height int) {
				width, height, err := term.GetSize(int(os.Stderr.Fd()))
				if err != nil {
					return 0, 0
				}
				return width, height
			},
		},
		Build:        readBuild(),
		OneProcessor: oneProcessor,
	}
}

func oneProcessor() (restore func()) {
	n := runtime.GOMAXPROCS(1)
	return func() { runtime.GOMAXPROCS(n) }
}

// Main runs the program with the process's arguments and surroundings and
// returns its exit code.
func Main(ctx context.Context) int { return Run(ctx, SystemApp(), os.Args[1:]) }

// Run runs the program with arguments (without the program's name) and returns
// its exit code: 0, or 1 for an error, which it has printed, or that of a plugin.
func Run(ctx context.Context, app App, args []string) int {
	s := newSession(app)
	root := newRootCmd(s, firstCommand(args))
	root.SetArgs(args)
	root.SetIn(app.In)
	root.SetOut(app.Out)
	root.SetErr(app.Err)
	if completing(args) {
		s.level.Set(slog.LevelError) // a shell throws warnings away, or mixes them into the line
	}
	s.addPluginCommands(root, args)
	keepNotices(root, args)
	stopProfiles := s.profile()
	err := s.execute(ctx, root)
	stopProfiles()
	if told, ok := s.Log.Handler().(*onceHandler); ok {
		told.tellLeft(s.Log)
	}
	switch {
	case err == nil:
		return 0
	case isReaderGone(err):
		return readerGoneCode
	}
	s.printError(err)
	return exitCode(err)
}

// readerGoneCode is the exit code when nobody reads the output any more: what a shell
// makes of a process that SIGPIPE has ended.
const readerGoneCode = 128 + int(syscall.SIGPIPE)

// isReaderGone says whether an error is that of a write to the standard output whose
// other end is closed, of which there is nobody to tell: "pack list | head -1".
func isReaderGone(err error) bool {
	path, ok := errors.AsType[*fs.PathError](err)
	return ok && path.Path == os.Stdout.Name() && errors.Is(path, syscall.EPIPE)
}
