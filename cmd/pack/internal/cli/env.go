package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

func newEnvCmd(s *session) *cobra.Command {
	var o envOptions
	cmd := &cobra.Command{
		Use:   "env [NAME]",
		Short: "print the environment that pack works in",
		Long: `Print the variables that pack works with, as they are after flags and
environment were read, or the value of one of them.

The names are Helm's; where a variable PACK_X is set it takes the place of
HELM_X.

--files prints the files and folders in use instead, Docker's logins and GnuPG's
keys among them: whose each is (pack's, or one that Helm or Docker has) or which
flag or variable named it, and whether it is there.`,
		Args: maxArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return noMoreArgs(nil, nil, "")
			}
			return slices.Sorted(maps.Keys(s.variables())), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if o.files {
				return o.printFiles(s, args)
			}
			return o.printVariables(s, args)
		},
	}
	cmd.Flags().BoolVar(&o.files, "files", false, "print the files and folders in use, and whose they are")
	s.addOutputFlag(cmd, &o.output)
	return cmd
}

// envOptions are the flags of "env".
type envOptions struct {
	files  bool
	output outputFormat
}

func (o *envOptions) printVariables(s *session, args []string) error {
	vars := s.variables()
	if len(args) > 0 {
		value := vars[args[0]]
		return o.output.write(s.Out, value, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, value)
			return err
		})
	}
	return o.output.write(s.Out, vars, func(w io.Writer) error {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			if _, err := fmt.Fprintf(w, "%s=%q\n", name, vars[name]); err != nil {
				return err
			}
		}
		return nil
	})
}

// variables are the environment as plugins and scripts are to see it.
func (s *session) variables() map[string]string {
	vars := map[string]string{
		"HELM_BIN":                          s.Program,
		"HELM_BURST_LIMIT":                  strconv.Itoa(s.Kube.BurstLimit),
		"HELM_CACHE_HOME":                   s.Paths.CacheHome,
		"HELM_CONFIG_HOME":                  s.Paths.ConfigHome,
		"HELM_CONTENT_CACHE":                s.Paths.ContentCache,
		"HELM_DATA_HOME":                    s.Paths.DataHome,
		"HELM_DEBUG":                        strconv.FormatBool(s.Debug),
		"HELM_KUBEAPISERVER":                s.Kube.APIServer,
		"HELM_KUBEASGROUPS":                 strings.Join(s.Kube.AsGroups, ","),
		"HELM_KUBEASUSER":                   s.Kube.AsUser,
		"HELM_KUBECAFILE":                   s.Kube.CAFile,
		"HELM_KUBECONTEXT":                  s.Kube.Context,
		"HELM_KUBEINSECURE_SKIP_TLS_VERIFY": strconv.FormatBool(s.Kube.InsecureSkipVerify),
		"HELM_KUBETLS_SERVER_NAME":          s.Kube.TLSServerName,
		"HELM_KUBETOKEN":                    s.Kube.Token,
		"HELM_MAX_HISTORY":                  strconv.Itoa(s.MaxHistory),
		"HELM_NAMESPACE":                    s.namespace(),
		"HELM_PLUGINS":                      s.Paths.Plugins,
		"HELM_QPS":                          strconv.FormatFloat(float64(s.Kube.QPS), 'f', 2, 32),
		"HELM_REGISTRY_CONFIG":              s.Paths.RegistryConfig,
		"HELM_REPOSITORY_CACHE":             s.Paths.RepositoryCache,
		"HELM_REPOSITORY_CONFIG":            s.Paths.RepositoryConfig,
	}
	if s.Kube.Config != "" {
		vars["KUBECONFIG"] = s.Kube.Config
	}
	return vars
}
