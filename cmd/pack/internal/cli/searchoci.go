package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/Masterminds/semver/v3"
	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// searchOCIOptions are for "search oci://HOST/PATH".
type searchOCIOptions struct {
	net      netFlags
	version  string
	devel    bool
	brief    bool
	fail     bool
	maxWidth uint
	output   outputFormat
}

// addSearchOCI makes a reference to a registry an argument of "search", which is
// a group of commands otherwise.
func addSearchOCI(s *session, search *cobra.Command) {
	o := searchOCIOptions{}
	group, help := search.Args, search.RunE
	search.Use = "search [oci://HOST/PATH]"
	search.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 && repo.IsOCI(args[0]) {
			return nil
		}
		return group(cmd, args)
	}
	search.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return help(cmd, args)
		}
		return o.run(cmd.Context(), s, args[0])
	}
	f := search.Flags()
	f.StringVar(&o.version, "version", "", "for oci://: show only versions that satisfy this constraint")
	f.BoolVar(&o.devel, "devel", false, "for oci://: show prereleases too")
	f.BoolVar(&o.brief, "brief", false, "for oci://: show versions only, which takes no request for each")
	f.BoolVar(&o.fail, "fail-on-no-result", false, "for oci://: fail if there is no such version")
	f.UintVar(&o.maxWidth, "max-col-width", 50, "for oci://: width of the columns of the table; 0 does not bound it")
	s.addOutputFlag(search, &o.output)
	o.net.add(f, "chart")
}

// foundVersion is a version of a chart in a registry, in the form of "search
// repo".
type foundVersion struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	AppVersion  string `json:"app_version"`
	Description string `json:"description"`
}

func (o *searchOCIOptions) run(ctx context.Context, s *session, raw string) error {
	ref, err := repo.ParseOCI(raw)
	if err != nil {
		return err
	}
	if ref.Tag != "" || ref.Digest != "" {
		return fmt.Errorf("%q names one version: give the repository alone, or --version", raw)
	}
	access := o.net.given(s)
	client := s.registries()
	versions, err := client.Versions(ctx, ref.Repository, access)
	if err != nil {
		return err
	}
	if versions, err = o.chosen(versions); err != nil {
		return err
	}
	found := make([]*foundVersion, len(versions))
	for i, version := range versions {
		found[i] = &foundVersion{Name: repo.OCIScheme + ref.Repository, Version: version}
	}
	if !o.brief {
		if found, err = describe(ctx, client, ref.Repository, access, found); err != nil {
			return err
		}
	}
	if len(found) == 0 && o.fail {
		return errors.New("no results found")
	}
	return o.output.write(s.Out, found, func(w io.Writer) error { return o.table(w, found) })
}

// chosen are the versions that are wanted: as in "search repo", any but
// prereleases, or what --version or --devel says.
func (o *searchOCIOptions) chosen(versions []string) ([]string, error) {
	want := o.version
	switch {
	case want != "":
	case o.devel:
		want = ">0.0.0-0"
	default:
		want = ">0.0.0"
	}
	constraint, err := semver.NewConstraint(want)
	if err != nil {
		return nil, fmt.Errorf("an invalid version/constraint format: %w", err)
	}
	var out []string
	for _, version := range versions {
		if v, err := semver.NewVersion(version); err == nil && constraint.Check(v) {
			out = append(out, version)
		}
	}
	return out, nil
}

// describedAtOnce is how many versions are asked for at once.
const describedAtOnce = 16

// describe asks what each version is, and leaves out what is no chart.
func describe(ctx context.Context, client *oci.Client, repository string, access repo.Access, all []*foundVersion) ([]*foundVersion, error) {
	errs := make([]error, len(all))
	parallel.Do(describedAtOnce, len(all), func(i int) bool {
		meta, err := client.Metadata(ctx, repository+":"+all[i].Version, access)
		switch {
		case errors.Is(err, oci.ErrNoChart):
			all[i] = nil
		case err != nil:
			errs[i] = err
			return false
		default:
			all[i].AppVersion, all[i].Description = meta.AppVersion, meta.Description
		}
		return true
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	kept := all[:0]
	for _, f := range all {
		if f != nil {
			kept = append(kept, f)
		}
	}
	return kept, nil
}

func (o *searchOCIOptions) table(w io.Writer, found []*foundVersion) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "No results found")
		return err
	}
	t := table{maxWidth: o.maxWidth}
	t.add("NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION")
	for _, f := range found {
		t.add(f.Name, f.Version, f.AppVersion, f.Description)
	}
	return t.write(w)
}
