package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

const rootLong = `pack manages Kubernetes applications: charts and their releases.

It reads the same charts, the same records in the cluster and the same
environment variables as Helm, so that "alias helm=pack" works.

Common actions:

- pack create:    make a new chart
- pack template:  show what a chart renders to
- pack install:   install a chart into the cluster
- pack list:      list the releases of a namespace

Environment variables (PACK_X is read before HELM_X):

| Name                                | Description                                                       |
|-------------------------------------|-------------------------------------------------------------------|
| HELM_CACHE_HOME                     | where cached files are stored                                     |
| HELM_CONFIG_HOME                    | where configuration is stored                                     |
| HELM_DATA_HOME                      | where data is stored                                              |
| HELM_DEBUG                          | true turns on --debug                                             |
| HELM_DRIVER                         | where records are kept: secret (default), configmap, memory       |
| HELM_MEMORY_DRIVER_DATA             | files with the records that memory has at the beginning           |
| HELM_MAX_HISTORY                    | how many revisions of a release are kept                          |
| HELM_NAMESPACE                      | the namespace that is worked in                                   |
| HELM_COLOR, NO_COLOR                | whether output is coloured: auto, always, never                   |
| HELM_REGISTRY_CONFIG                | path of the registry configuration                                |
| HELM_REPOSITORY_CACHE               | directory of cached repository indexes                            |
| HELM_REPOSITORY_CONFIG              | path of the list of repositories                                  |
| HELM_CONTENT_CACHE                  | directory of cached charts                                        |
| HELM_PLUGINS                        | directories of plugins, separated as in PATH                      |
| HELM_NO_PLUGINS                     | 1 adds no commands of plugins                                     |
| PACK_ENV                            | environments of the chart, separated by commas, as with --env     |
| PACK_SIGNATURE_POLICY               | path of the signature policy                                      |
| COSIGN_PASSWORD                     | password of the key that registry sign signs with                 |
| DOCKER_CONFIG                       | directory of Docker's logins, asked where pack has none           |
| GNUPGHOME                           | directory of the keyring                                          |
| SOURCE_DATE_EPOCH                   | time that package and push give what they make, in seconds        |
| KUBECONFIG                          | path of the kubeconfig files (default "~/.kube/config")           |
| KUBERNETES_MASTER                   | address of the API server where there is no kubeconfig            |
| HELM_KUBEAPISERVER                  | address of the API server                                         |
| HELM_KUBEASGROUPS                   | groups to impersonate, separated by commas                        |
| HELM_KUBEASUSER                     | user to impersonate                                               |
| HELM_KUBECAFILE                     | certificate authority of the API server                           |
| HELM_KUBECONTEXT                    | context of the kubeconfig                                         |
| HELM_KUBEINSECURE_SKIP_TLS_VERIFY   | true does not check the API server's certificate                  |
| HELM_KUBETLS_SERVER_NAME            | name in the API server's certificate                              |
| HELM_KUBETOKEN                      | bearer token for the API server                                   |
| HELM_BURST_LIMIT, HELM_QPS          | throttling of requests to the API server                          |
| HELM_PPROF_CPU_PROFILE              | file for a profile of the processor's time, for "go tool pprof"   |
| HELM_PPROF_MEM_PROFILE              | file for a profile of the memory in use at the end                |

Without base directories of their own, cache, configuration and data lie in
$XDG_CACHE_HOME/pack, $XDG_CONFIG_HOME/pack and $XDG_DATA_HOME/pack, or in the
system's places for such files. Where Helm has a file or a folder already, in
"helm" beside them, and pack has none of its own, Helm's is used and kept up:
"pack env" says which ones those are.`

// newRootCmd assembles the program, or as much of it as the command with the name
// only needs: making the others, and their flags, would take a tenth of a start.
func newRootCmd(s *session, only string) *cobra.Command {
	root := &cobra.Command{
		Use:           "pack",
		Short:         "install, upgrade and roll back charts on Kubernetes",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return s.start(cmd)
		},
	}
	if name := s.otherName(); name != "" {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: name}
	}
	subcommandsOnly(root)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	s.addFlags(root.PersistentFlags())
	for _, c := range commands() {
		if only == "" || c.is(only) {
			root.AddCommand(c.make(s))
		}
	}
	if only == "" { // "help", and what shells ask for
		s.completeFlags(root)
		refuseUnknownTopics(root)
	}
	return root
}

// command is a command of the first level.
type command struct {
	make func(*session) *cobra.Command
	// names are the command's own and the other ones that it has.
	names []string
}

func (c command) is(name string) bool { return slices.Contains(c.names, name) }

func commands() []command {
	return []command{
		{newCompletionCmd, []string{"completion"}},
		{newCreateCmd, []string{"create"}},
		{newDependencyCmd, []string{"dependency", "dep", "dependencies"}},
		{newDocsCmd, []string{"docs"}},
		{newEnvCmd, []string{"env"}},
		{newGetCmd, []string{"get"}},
		{newHistoryCmd, []string{"history", "hist"}},
		{newInstallCmd, []string{"install"}},
		{newLintCmd, []string{"lint"}},
		{newListCmd, []string{"list", "ls"}},
		{newPackageCmd, []string{"package"}},
		{newPluginCmd, []string{"plugin"}},
		{newPullCmd, []string{"pull", "fetch"}},
		{newPushCmd, []string{"push"}},
		{newRegistryCmd, []string{"registry"}},
		{newRepoCmd, []string{"repo"}},
		{newRollbackCmd, []string{"rollback"}},
		{newSearchCmd, []string{"search"}},
		{newShowCmd, []string{"show", "inspect"}},
		{newStatusCmd, []string{"status"}},
		{newTemplateCmd, []string{"template"}},
		{newTestCmd, []string{"test"}},
		{newUninstallCmd, []string{"uninstall", "del", "delete", "un"}},
		{newUpgradeCmd, []string{"upgrade"}},
		{newValuesCmd, []string{"values"}},
		{newVerifyCmd, []string{"verify"}},
		{newVersionCmd, []string{"version"}},
	}
}

// firstCommand is the name of the command that arguments begin with; empty where they
// begin with a flag, or with what is none of the program's own.
func firstCommand(args []string) string {
	if len(args) > 0 && slices.ContainsFunc(commands(), func(c command) bool { return c.is(args[0]) }) {
		return args[0]
	}
	return ""
}
