package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// pluginSet are the installed plugins. Their folders are read when somebody asks
// for them first: most commands never do.
type pluginSet struct {
	once sync.Once
	all  []*plugin.Plugin
	err  error
}

// allPlugins are the installed plugins. Those that cannot be read are passed over
// with a warning.
func (s *session) allPlugins() ([]*plugin.Plugin, error) {
	s.plugins.once.Do(func() {
		s.plugins.all, s.plugins.err = plugin.LoadAll(s.pluginDirs(), func(file string, err error) {
			s.Log.Warn("failed to load plugin (ignoring)", "plugin_yaml", file, "error", err)
		})
	})
	return s.plugins.all, s.plugins.err
}

// pluginDirs are the folders that plugins lie in.
func (s *session) pluginDirs() []string {
	dirs := filepath.SplitList(s.Paths.Plugins)
	for i, dir := range dirs {
		if dir != "" {
			dirs[i] = s.path(dir)
		}
	}
	return dirs
}

// pluginProcess is what plugins run in that have no terminal to themselves.
func (s *session) pluginProcess() plugin.Process {
	return plugin.Process{Env: s.pluginEnv(), Dir: s.Dir, Out: s.Out, Err: s.Err}
}

// pluginEnv is the environment of plugins: that of this process, and all that
// "env" prints. A variable PACK_X would take the place of HELM_X where the plugin
// calls this program, so it goes.
func (s *session) pluginEnv() []string {
	var env []string
	vars := s.variables()
	if s.Environ != nil {
		for _, pair := range s.Environ() {
			name, _, _ := strings.Cut(pair, "=")
			if own, ok := strings.CutPrefix(name, "PACK_"); ok {
				if _, told := vars["HELM_"+own]; told {
					continue
				}
			}
			env = append(env, pair)
		}
	}
	for name, value := range vars {
		env = append(env, name+"="+value)
	}
	return env
}

// pluginGetter is what a plugin brings to open URLs of a scheme; nil if none does.
func (s *session) pluginGetter(scheme string) (repo.Getter, error) {
	all, err := s.allPlugins()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.Type == plugin.TypeGetter && slices.Contains(p.Protocols, scheme) {
			return patientGetter{Getter: p.Getter(s.pluginProcess()), s: s, name: p.Name}, nil
		}
	}
	return nil, nil
}

// addPluginCommands adds the commands of plugins where they may matter: if args
// name no command of pack, or ask for help or completion.
func (s *session) addPluginCommands(root *cobra.Command, args []string) {
	if no, _ := s.getenv("NO_PLUGINS"); no == "1" || !wantsPlugins(root, args) {
		return
	}
	all, err := s.allPlugins()
	if err != nil {
		s.Log.Error("failed to load plugins", "error", err)
		return
	}
	for _, p := range all {
		if !p.HasCommand() {
			continue
		}
		cmd := newPluginCommand(s, p)
		if isTaken(root, cmd.Name()) {
			s.Log.Warn("a plugin is passed over, since there is a command of that name", "plugin", p.Name, "command", cmd.Name())
			continue
		}
		root.AddCommand(cmd)
		if completing(args) {
			s.addPluginCompletion(cmd, p)
		}
	}
}

// completing says whether a shell asks for completions.
func completing(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

func wantsPlugins(root *cobra.Command, args []string) bool {
	switch {
	case completing(args):
		// The last word is still being typed.
		args = args[1:max(1, len(args)-1)]
	case len(args) > 0 && args[0] == "help":
		args = args[1:]
	}
	cmd, _, err := root.Find(args)
	return err != nil || cmd == root
}

// isTaken says whether there is a command of that name. cobra adds some of its
// own later.
func isTaken(root *cobra.Command, name string) bool {
	switch name {
	case "help", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return true
	}
	return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool {
		return c.Name() == name || c.HasAlias(name)
	})
}

// newPluginCommand is the command that a plugin adds. It gets all of its
// arguments but the global flags of Helm.
func newPluginCommand(s *session, p *plugin.Plugin) *cobra.Command {
	short := p.CLI.ShortHelp
	if short == "" {
		short = fmt.Sprintf("the %q plugin", p.Name)
	}
	return &cobra.Command{
		Use:                p.CLI.Usage,
		Short:              short,
		Long:               p.CLI.LongHelp,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			others, err := s.takeGlobalFlags(cmd.Root(), args)
			if err != nil {
				return err
			}
			return s.runPlugin(cmd.Context(), p, others)
		},
	}
}

// runPlugin runs the command of a plugin in place of this program: with its
// streams, its signals, and its exit code.
func (s *session) runPlugin(ctx context.Context, p *plugin.Plugin, args []string) error {
	s.Log.Debug("executing plugin command", "pluginName", p.Name, "dir", p.Dir)
	err := p.Run(ctx, args, plugin.Process{
		Env: s.pluginEnv(), Dir: s.Dir,
		In: s.outside.In, Out: s.outside.Out, Err: s.outside.Err,
		Stop: func(process *os.Process) error { return s.tellPlugin(ctx, process) },
	})
	if exit, ok := errors.AsType[*plugin.ExitError](err); ok {
		return &exitError{error: err, code: exit.Code}
	}
	return err
}

// tellPlugin hands the signal on that has ended the context. An interrupt from a
// terminal has reached the plugin already.
func (s *session) tellPlugin(ctx context.Context, process *os.Process) error {
	signal := os.Signal(syscall.SIGTERM)
	if cause := context.Cause(ctx); cause != nil && strings.HasPrefix(cause.Error(), os.Interrupt.String()) {
		if s.Terminal.In {
			return os.ErrProcessDone
		}
		signal = os.Interrupt
	}
	return process.Signal(signal)
}

// takeGlobalFlags sets the global flags that stand among the arguments of a
// plugin, and returns the others.
func (s *session) takeGlobalFlags(root *cobra.Command, args []string) ([]string, error) {
	own, others := splitGlobalFlags(args)
	readGlobalFlags(root, others)
	if err := root.ParseFlags(own); err != nil {
		return nil, err
	}
	return others, s.start(root)
}

// readGlobalFlags sets the global flags in arguments that a plugin gets all the same: as
// with Helm, the environment tells it of -nNAMESPACE, --debug=true and --qps too. What
// cannot be read is for the plugin to complain of. Colours are left to the plugin, which
// may have a flag --color of another form, and so is -v.
func readGlobalFlags(root *cobra.Command, args []string) {
	f := pflag.NewFlagSet("plugin", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	root.PersistentFlags().VisitAll(func(flag *pflag.Flag) {
		switch flag.Name {
		case "color", "colour", "signature-policy":
		default:
			if !flag.Hidden {
				f.AddFlag(flag)
			}
		}
	})
	_ = f.Parse(args)
}

// splitGlobalFlags finds the flags that Helm takes from the arguments of plugins,
// wherever they stand. Other forms of them belong to the plugin.
func splitGlobalFlags(args []string) (own, others []string) {
	alone := []string{"--debug", "--kube-insecure-skip-tls-verify"}
	valued := []string{
		"--kube-context", "--namespace", "-n", "--kubeconfig", "--kube-apiserver", "--kube-token", "--kube-as-user",
		"--kube-as-group", "--kube-ca-file", "--kube-tls-server-name", "--registry-config", "--repository-cache",
		"--repository-config",
	}
	for i := 0; i < len(args); i++ {
		name, _, joined := strings.Cut(args[i], "=")
		switch {
		case slices.Contains(valued, name) && !joined:
			own = append(own, args[i:min(i+2, len(args))]...)
			i++
		case slices.Contains(valued, name),
			slices.Contains(alone, name) && (!joined || name != "--debug"):
			own = append(own, args[i])
		default:
			others = append(others, args[i])
		}
	}
	return own, others
}
