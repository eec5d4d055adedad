package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// applyFlags say how objects are written.
type applyFlags struct {
	// serverSide is a flag of yes or no of install, which has no revision before it,
	// and one of three words of the others.
	installServerSide bool
	serverSide        string
	install           bool
	forceConflicts    bool
	forceReplace      bool
	// force is Helm 3's --force, which knew only patches that are made here.
	force       bool
	recreate    []string
	restartPods bool
	// methodGiven says that --server-side was given.
	methodGiven func() bool
}

func (a *applyFlags) add(cmd *cobra.Command, install bool) {
	f := cmd.Flags()
	a.install = install
	if install {
		f.BoolVar(&a.installServerSide, "server-side", true, "have the server merge objects (server-side apply); false makes the patches here, as Helm 3 does")
	} else {
		f.StringVar(&a.serverSide, "server-side", "auto", "true has the server merge objects (server-side apply), false makes the patches here, as Helm 3 does, auto goes by the revision before")
	}
	f.BoolVar(&a.forceConflicts, "force-conflicts", false, "take over fields that other field managers have set (with server-side apply)")
	f.BoolVar(&a.forceReplace, "force-replace", false, "replace objects as a whole instead of changing them (with --server-side=false)")
	textsVar(f, &a.recreate, "recreate", "KIND/NAME of an object that may be deleted and created where a field of it cannot be changed; repeatable")
	if !install {
		f.BoolVar(&a.restartPods, "recreate-pods", false, "restart the pods of the release's workloads, whether they changed or not")
	}
	f.BoolVar(&a.force, "force", false, "deprecated")
	deprecate(f, "force", "use --force-replace with --server-side=false instead")
	a.methodGiven = func() bool { return f.Changed("server-side") }
	cmd.MarkFlagsMutuallyExclusive("force-replace", "force-conflicts")
	cmd.MarkFlagsMutuallyExclusive("force", "force-conflicts")
}

// replaces says whether objects are to be replaced as a whole.
func (a *applyFlags) replaces() bool { return a.forceReplace || a.force }

// method is how objects are to be written; empty for as in the revision before. What
// --force asks for cannot be had from the server, so that it means both.
func (a *applyFlags) method() release.ApplyMethod {
	if a.force && !a.methodGiven() {
		return release.ClientSide
	}
	word := stated(a.serverSide)
	if a.install {
		word = strconv.FormatBool(a.installServerSide)
	}
	switch word {
	case "true":
		return release.ServerSide
	case "false":
		return release.ClientSide
	case "auto":
		return ""
	}
	return release.ApplyMethod(word) // which is refused
}

// stated is the word of a flag that takes one of several. In the library an empty one means
// the default; here somebody has given it, as a script with an empty variable does, and it
// is refused like any other that does not exist.
func stated(word string) string {
	if word == "" {
		return `""`
	}
	return word
}
