package cli

import (
	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

const repoIndexLong = `Make the index of a repository of charts: read the packed charts (.tgz) that lie in a
folder, and in the folders in it, and write index.yaml into the folder.

The URLs in it are relative, unless --url says where the archives will be. With
--merge the versions of another index are kept that the folder does not have.
Archives that are no charts are passed over, with a warning.`

// indexGCPercent is less than what a command is given else: what archives and
// indexes hold is garbage as soon as it has been looked at.
const indexGCPercent = 200

func newRepoIndexCmd(s *session) *cobra.Command {
	var o repo.GenerateOptions
	cmd := &cobra.Command{
		Use:               "index [DIR]",
		Short:             "make the index of a folder of packed charts",
		Long:              repoIndexLong,
		Args:              exactArgs(1),
		ValidArgsFunction: completeOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			s.collectGarbageAt(indexGCPercent)
			o.Now, o.Log = s.Now, s.Log
			if o.Merge != "" {
				o.Merge = s.path(o.Merge)
				defer s.opening(o.Merge)()
			}
			return repo.GenerateIndex(cmd.Context(), s.path(args[0]), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.URL, "url", "", "URL that the archives will be found below")
	f.StringVar(&o.Merge, "merge", "", "another index, whose versions are kept unless the folder has them")
	f.BoolVar(&o.JSON, "json", false, "write JSON; the file is called index.yaml nonetheless")
	return cmd
}
