package cli

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// goneRepository is one that was widely used, and is no more.
type goneRepository struct{ name, host, instead string }

func goneRepositories() []goneRepository {
	return []goneRepository{
		{"stable", "kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"},
		{"incubator", "kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"},
	}
}

// warnOfGone says that a configured repository is gone. Every command does so,
// and so the file is read as what it says only if it can be necessary.
func (s *session) warnOfGone(cmd *cobra.Command) {
	switch cmd.Name() {
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return
	}
	defer s.opening(s.Paths.RepositoryConfig)()
	data, err := os.ReadFile(s.path(s.Paths.RepositoryConfig))
	if err != nil || !bytes.Contains(data, []byte(".storage.googleapis.com")) {
		return
	}
	configured, err := s.repositories()
	if err != nil {
		return // who needs them will say so
	}
	for _, gone := range goneRepositories() {
		e, ok := configured.Find(gone.name)
		if !ok || !strings.Contains(e.URL, gone.host) {
			continue
		}
		fmt.Fprintf(s.Err, "WARNING: %q is deprecated for %q and will be deleted Nov. 13, 2020.\n"+
			"WARNING: You should switch to %q via:\nWARNING: pack repo add %q %q --force-update\n",
			gone.host, gone.name, gone.instead, gone.name, gone.instead)
	}
}
