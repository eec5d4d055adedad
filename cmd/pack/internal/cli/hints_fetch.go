package cli

import (
	"errors"
	"net/http"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
	"github.com/seed-0d4f92cc/pack/pkg/repo/policy"
)

// fetchFactHint is for what errors say of charts that are elsewhere.
func fetchFactHint(err error) string {
	if none, ok := errors.AsType[*repo.NotConfiguredError](err); ok {
		if none.Name == "" {
			return "'pack repo add NAME URL' adds a repository."
		}
		return "'pack repo list' shows the repositories that there are."
	}
	if e, ok := errors.AsType[*repo.Error](err); ok && e.Withheld && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) {
		return "Username and password were not sent there: they belong to another host, or to the same one with TLS. --pass-credentials sends them to every host with TLS."
	}
	if e, ok := errors.AsType[*dependency.ContentError](err); ok {
		if e.Folder != "" {
			return "'pack dependency update' locks it as it is now."
		}
		return "Somebody has put another chart under this version. Find out why before you use it: 'pack dependency update' would lock it."
	}
	if missing, ok := errors.AsType[*dependency.MissingRepositoriesError](err); ok && missing.Locked {
		return "Or run 'pack dependency update': what it locks has digests, and then it does not matter whether the repository is configured."
	}
	return ""
}

// fetchHint is for the conditions under which charts cannot be fetched.
func fetchHint(err error) string {
	switch {
	case errors.Is(err, errNoRepositories):
		return "'pack repo add NAME URL' adds a repository."
	case errors.Is(err, repo.ErrNameTaken):
		return "--force-update replaces it, 'pack repo list' shows what is configured."
	case errors.Is(err, repo.ErrOffline):
		return "Without --offline it is fetched."
	case errors.Is(err, policy.ErrRefused):
		return "Whoever publishes the chart signs it with 'pack registry sign' or 'pack package --sign'. The policy is the file of --signature-policy or PACK_SIGNATURE_POLICY, or signatures.yaml in the configuration folder."
	case errors.Is(err, dependency.ErrOutOfSync):
		return "'pack dependency update' settles the dependencies anew, and writes the lock file."
	case errors.Is(err, repo.ErrReference):
		return "The chart must be a folder with a Chart.yaml or a .tgz file, given by its path, for example ./mychart, or REPOSITORY/NAME, https://… or oci://…"
	case errors.Is(err, repo.ErrNotConfigured):
		return "A chart in a folder is given by its path, ./NAME. 'pack repo add NAME URL' adds a repository, 'pack repo list' shows those that there are."
	case errors.Is(err, repo.ErrNoIndex):
		return "'pack repo update' fetches the indexes of the repositories, 'pack search repo' shows what is in them."
	case errors.Is(err, repo.ErrDigest):
		return "What was fetched is not what was published. Do not use it; ask whoever runs the server."
	}
	return ""
}

// pluginHint is for plugins.
func pluginHint(err error) string {
	switch {
	case errors.Is(err, plugin.ErrExists):
		return "'pack plugin list' shows it. 'pack plugin uninstall NAME' makes room, 'pack plugin update NAME' updates one that came from a git repository."
	case errors.Is(err, plugin.ErrNoProvenance):
		return "Ask who publishes the plugin for its .prov file. --verify=false installs what nobody has signed."
	}
	return ""
}
