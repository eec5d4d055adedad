package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// crdFlags say what becomes of the definitions in crds/.
type crdFlags struct {
	policy crdPolicy
	skip   bool
}

func (c *crdFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&c.policy, "crds", "what to do with the definitions in crds/: 'create' those that are missing, 'upgrade' those that differ too, if that is safe, or 'skip' all; an install creates and an upgrade skips them unless told otherwise")
	f.BoolVar(&c.skip, "skip-crds", false, "leave the definitions in crds/ alone, as --crds=skip does")
	cmd.MarkFlagsMutuallyExclusive("crds", "skip-crds")
}

func (c *crdFlags) value() release.CRDPolicy {
	if c.skip {
		return release.CRDsSkip
	}
	return map[crdPolicy]release.CRDPolicy{"create": release.CRDsCreate, "upgrade": release.CRDsUpgrade, "skip": release.CRDsSkip}[c.policy]
}

// crdPolicy is a flag of three words.
type crdPolicy string

// String implements pflag.Value.
func (p *crdPolicy) String() string { return string(*p) }

// Set implements pflag.Value.
func (p *crdPolicy) Set(word string) error {
	switch word {
	case "create", "upgrade", "skip":
		*p = crdPolicy(word)
		return nil
	}
	return errors.New("it is 'create', 'upgrade' or 'skip'")
}

// Type implements pflag.Value.
func (p *crdPolicy) Type() string { return "policy" }
