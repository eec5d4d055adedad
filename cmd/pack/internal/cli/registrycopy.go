package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

const registryCopyLong = `Copy a chart, or any other artifact, from one registry to another, into a folder
with the OCI image layout, or out of one.

    $ pack registry copy oci://a.example.com/charts/web:1.2.3 oci://b.example.com/mirror/
    $ pack registry copy oci://a.example.com/charts/web:1.2.3 oci-layout:./bundle
    $ pack registry copy --all oci-layout:./bundle oci://b.example.com/mirror

SRC is oci://HOST/PATH[:TAG][@DIGEST], whose highest version is meant where it has
neither, or oci-layout:DIR[:NAME][@DIGEST]. NAME may be the end of a name, such as
web:1.2.3, and may be missing where the folder has only one thing.

DST is oci://HOST/PATH[:TAG] or oci-layout:DIR[:NAME]. Without a tag it gets that
of SRC; PATH with / at its end gets the last part of SRC's path too. In a folder
things are named after where they came from.

Nothing is packed anew: digests stay as they are, and signatures hold. They are
copied too, with whatever else refers to what is copied, unless --referrers=false.`

type registryCopyOptions struct {
	all       bool
	referrers bool
	from, to  repo.Access
}

func newRegistryCopyCmd(s *session) *cobra.Command {
	o := registryCopyOptions{}
	cmd := &cobra.Command{
		Use:   "copy SRC DST",
		Short: "copy charts between registries, and folders with an OCI layout",
		Long:  registryCopyLong,
		Args:  exactArgs(2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return noMoreArgs(nil, nil, "")
			}
			return []cobra.Completion{repo.OCIScheme, oci.LayoutScheme}, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0], args[1])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "copy all tags of a repository, or all that a folder has")
	f.BoolVar(&o.referrers, "referrers", true, "copy signatures too, and whatever else refers to what is copied")
	for _, side := range []struct {
		name string
		a    *repo.Access
	}{{"from", &o.from}, {"to", &o.to}} {
		f.StringVar(&side.a.Username, side.name+"-username", "", "user name for the registry that is copied "+side.name)
		f.StringVar(&side.a.Password, side.name+"-password", "", "password for the registry that is copied "+side.name)
		f.StringVar(&side.a.CAFile, side.name+"-ca-file", "", "file with the certificate authorities of the registry that is copied "+side.name+" (PEM)")
		f.StringVar(&side.a.CertFile, side.name+"-cert-file", "", "file with the certificate that identifies this client to the registry that is copied "+side.name+" (PEM)")
		f.StringVar(&side.a.KeyFile, side.name+"-key-file", "", "file with the key of --"+side.name+"-cert-file (PEM)")
		f.BoolVar(&side.a.InsecureSkipVerify, side.name+"-insecure-skip-tls-verify", false, "do not check the certificate of the registry that is copied "+side.name+": anybody can pose as it")
		f.BoolVar(&side.a.PlainHTTP, side.name+"-plain-http", false, "reach the registry that is copied "+side.name+" without TLS")
	}
	return cmd
}

func (o *registryCopyOptions) run(ctx context.Context, s *session, from, to string) error {
	for _, ref := range []*string{&from, &to} {
		if dir, ok := strings.CutPrefix(*ref, oci.LayoutScheme); ok {
			*ref = oci.LayoutScheme + s.path(dir)
		} else if !repo.IsOCI(*ref) {
			return fmt.Errorf("%q: a reference begins with %s or %s", *ref, repo.OCIScheme, oci.LayoutScheme)
		}
	}
	fromFlags, toFlags := netFlags{access: o.from}, netFlags{access: o.to}
	opts := oci.CopyOptions{From: fromFlags.given(s), To: toFlags.given(s), NoReferrers: !o.referrers}
	tell := func(c oci.Copied) { s.print("Copied: %s\nTo: %s\nDigest: %s\n", c.From, c.To, c.Digest) }
	if o.all {
		return s.registries().CopyAll(ctx, from, to, opts, tell)
	}
	copied, err := s.registries().Copy(ctx, from, to, opts)
	if err == nil {
		tell(*copied)
	}
	return err
}
