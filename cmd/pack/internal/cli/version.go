package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// Build is what is known of how the program was built. The names of the fields
// are what "version --template" has.
type Build struct {
	Version           string
	GitCommit         string
	GitTreeState      string
	GoVersion         string
	KubeClientVersion string
}

// devVersion is the version of a program that was not built from a release.
const devVersion = "v0.0.0-dev"

// readBuild reads what the Go toolchain recorded in the program.
func readBuild() Build {
	kube := render.DefaultCapabilities().KubeVersion
	b := Build{
		Version:           devVersion,
		GoVersion:         runtime.Version(),
		KubeClientVersion: "v" + kube.Major + "." + kube.Minor,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.GitCommit = s.Value
		case "vcs.modified":
			b.GitTreeState = map[string]string{"true": "dirty", "false": "clean"}[s.Value]
		}
	}
	return b
}

// GoString is the line that scripts which parse "helm version" expect.
func (b Build) GoString() string {
	return fmt.Sprintf("version.BuildInfo{Version:%q, GitCommit:%q, GitTreeState:%q, GoVersion:%q, KubeClientVersion:%q}",
		b.Version, b.GitCommit, b.GitTreeState, b.GoVersion, b.KubeClientVersion)
}

// short is the version with the start of the commit.
func (b Build) short() string {
	if len(b.GitCommit) < 7 {
		return b.Version
	}
	sep := "+g"
	if strings.Contains(b.Version, "+") {
		sep = ".g" // a version has one plus
	}
	return b.Version + sep + b.GitCommit[:7]
}

// helmVersion is the version of Helm that pack takes the place of. What calls the
// program as it would call Helm goes by it.
const helmVersion = "v4.3.1"

// helm3Version is what they are told who ask as one asked Helm 3, with a flag
// that Helm 4 refuses: kustomize before 5.8 works with no other.
const helm3Version = "v3.22.0"

// told is the build as "version" tells it. Programs that run helm ask for its
// version first, refuse what is older than they know, and choose their flags by
// it. They get the version of Helm, with pack's behind the plus, where a version
// may say what else it is and nobody compares. Plugins, whose scripts cut the
// number out by hand, get the number alone.
func (s *session) told(helmVersion string) Build {
	b := s.Build
	if name, _ := s.Env("HELM_PLUGIN_NAME"); name != "" {
		b.Version, b.GitCommit, b.GitTreeState = helmVersion, "", ""
		return b
	}
	own := strings.ReplaceAll(strings.TrimPrefix(b.Version, "v"), "+", ".")
	b.Version = helmVersion + "+pack." + own
	return b
}

type versionOptions struct {
	short    bool
	template string
	client   bool
}

func newVersionCmd(s *session) *cobra.Command {
	o := versionOptions{}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "print the version of pack",
		Long: `Show the version of pack.

The output is a line in the form that helm version has:

version.BuildInfo{Version:"v4.3.1+pack.0.1.0", GitCommit:"fe51cd1e31e6a202cba7dead9552a6d418ded79a", GitTreeState:"clean", GoVersion:"go1.26.0", KubeClientVersion:"v1.37"}

--template prints with a Go template that has these fields: .Version,
.GitCommit, .GitTreeState, .GoVersion, .KubeClientVersion.

The version is that of Helm that pack takes the place of, with its own behind
the plus: programs that run helm ask for it before anything else. Plugins are
told Helm's alone.`,
		Args:              noArgs,
		ValidArgsFunction: noMoreArgs,
		RunE: func(*cobra.Command, []string) error {
			if o.client {
				return o.run(s.Out, s.told(helm3Version))
			}
			return o.run(s.Out, s.told(helmVersion))
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.short, "short", false, "print the number alone")
	f.StringVar(&o.template, "template", "", "Go template to print with")
	f.BoolVarP(&o.client, "client", "c", false, "print the version of the client, which is all there is")
	cobra.CheckErr(f.MarkHidden("client"))
	return cmd
}

func (o *versionOptions) run(w io.Writer, build Build) error {
	if o.template != "" {
		t, err := template.New("version").Parse(o.template)
		if err != nil {
			return err
		}
		return t.Execute(w, build)
	}
	text := build.GoString()
	if o.short {
		text = build.short()
	}
	_, err := fmt.Fprintln(w, text)
	return err
}
