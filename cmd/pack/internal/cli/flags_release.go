package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// defaultTimeout is that of --timeout; it is Helm's.
const defaultTimeout = 5 * time.Minute

// waitStrategy is the value of --wait.
type waitStrategy string

const (
	waitHookOnly waitStrategy = "hookOnly"
	waitWatcher  waitStrategy = "watcher"
	waitLegacy   waitStrategy = "legacy"
)

// waitFlags are the flags that say for what a command waits and how long.
type waitFlags struct {
	strategy waitStrategy
	jobs     bool
	timeout  time.Duration
	// failFast and grace are when a wait ends early.
	failFast bool
	grace    time.Duration
	// readiness is that of objects, by their kinds.
	readiness readinessFlag
	// deprecated is the Boolean that was given for a strategy.
	deprecated string
}

func (w *waitFlags) add(f *pflag.FlagSet) {
	w.addWait(f)
	w.addTimeout(f)
	w.addFailFast(f)
	w.readiness.add(f)
	f.BoolVar(&w.jobs, "wait-for-jobs", false, "with --wait: wait until Jobs have completed, not just started")
}

// addFailFast declares --fail-fast and --fail-fast-grace.
func (w *waitFlags) addFailFast(f *pflag.FlagSet) {
	f.BoolVar(&w.failFast, "fail-fast", true, "end a wait early when it is hopeless: an image cannot be pulled, a container crashes in a loop, a pod finds no node, a quota is exceeded, a Job has failed")
	spanVar(f, &w.grace, "fail-fast-grace", release.DefaultFailFastGrace, "how long a hopeless state may last; four times as long where a node may still be added")
}

// spanVar declares a time that may be 0 but not less, unlike those that Helm has too.
func spanVar(f *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	f.DurationVar(p, name, value, usage)
	flag := f.Lookup(name)
	flag.Value = span{Value: flag.Value, duration: p}
	if value == 0 {
		flag.DefValue = "0" // which help texts leave out
	}
}

type span struct {
	pflag.Value
	duration *time.Duration
}

// Set implements pflag.Value.
func (s span) Set(text string) error {
	before := *s.duration
	if err := s.Value.Set(text); err != nil {
		return err
	}
	if *s.duration < 0 {
		*s.duration = before
		return errors.New("a time cannot be less than 0")
	}
	return nil
}

// addWait declares --wait alone.
func (w *waitFlags) addWait(f *pflag.FlagSet) {
	w.strategy = waitHookOnly
	f.Var((*waitValue)(w), "wait", "for what to wait, at most --timeout: 'watcher' (--wait alone) for all objects to be ready, 'legacy' for the same by the rules of Helm 3, 'hookOnly' for hooks")
	f.Lookup("wait").NoOptDefVal = string(waitWatcher)
}

// addTimeout declares --timeout alone.
func (w *waitFlags) addTimeout(f *pflag.FlagSet) {
	f.DurationVar(&w.timeout, "timeout", defaultTimeout, "how long each hook and each wait may take")
}

// resolve reads --wait. log is told of a deprecated value.
func (w *waitFlags) resolve(log *slog.Logger) waitStrategy {
	if w.deprecated != "" {
		log.Warn(fmt.Sprintf("--wait=%s is deprecated (boolean value) and can be replaced with --wait=%s", w.deprecated, w.strategy))
	}
	return w.strategy
}

// waitValue is the flag value of --wait.
type waitValue waitFlags

func (v *waitValue) String() string { return string(v.strategy) }
func (v *waitValue) Type() string   { return "WaitStrategy" }

func (v *waitValue) Set(text string) error {
	switch s := waitStrategy(text); s {
	case waitHookOnly, waitWatcher, waitLegacy:
		v.deprecated, v.strategy = "", s
		return nil
	}
	yes, err := strconv.ParseBool(text) // which Helm 3 takes here
	if err != nil {
		return fmt.Errorf("invalid wait input %q. Valid inputs are watcher, hookOnly, and legacy", text)
	}
	v.deprecated, v.strategy = text, waitHookOnly
	if yes {
		v.strategy = waitWatcher
	}
	return nil
}

// dryRun is what --dry-run asks for.
type dryRun string

const (
	dryRunNone   dryRun = "none"
	dryRunClient dryRun = "client"
	dryRunServer dryRun = "server"
)

// dryRunUnset is the value of --dry-run without one.
const dryRunUnset = "unset"

// dryRunFlag is --dry-run.
type dryRunFlag struct{ text string }

func (d *dryRunFlag) add(f *pflag.FlagSet) {
	f.StringVar(&d.text, "dry-run", string(dryRunNone), `write nothing: "client" renders without reaching the cluster, "server" plans against it; "none" does it for real`)
	f.Lookup("dry-run").NoOptDefVal = dryRunUnset
}

// addClient declares --dry-run where client is the default.
func (d *dryRunFlag) addClient(f *pflag.FlagSet) {
	f.StringVar(&d.text, "dry-run", string(dryRunClient), `"client" renders without reaching the cluster, "server" asks the cluster and checks the objects against it`)
	f.Lookup("dry-run").NoOptDefVal = dryRunUnset
}

// resolve reads the value, forms of old included, of which log is told.
func (d *dryRunFlag) resolve(log *slog.Logger) (dryRun, error) {
	switch d.text {
	case string(dryRunNone), string(dryRunClient), string(dryRunServer):
		return dryRun(d.text), nil
	case dryRunUnset:
		log.Warn(`--dry-run is deprecated and should be replaced with '--dry-run=client'`)
		return dryRunClient, nil
	}
	if b, err := strconv.ParseBool(d.text); err == nil {
		mode := dryRunNone
		if b {
			mode = dryRunClient
		}
		log.Warn(fmt.Sprintf("boolean '--dry-run=%s' flag is deprecated and must be replaced with '--dry-run=%s'", d.text, mode))
		return mode, nil
	}
	return "", fmt.Errorf(`invalid dry-run value (%q). Must be "none", "server", or "client"`, d.text)
}
