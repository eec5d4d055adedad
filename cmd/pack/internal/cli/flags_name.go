package cli

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// nameFlags settle the name of a new release.
type nameFlags struct {
	generate bool
	template string
}

func (n *nameFlags) add(f *pflag.FlagSet) {
	f.BoolVarP(&n.generate, "generate-name", "g", false, "make a name up from the chart's; NAME is left out")
	f.StringVar(&n.template, "name-template", "", "Go template that makes the name; NAME is left out")
}

// nameAndChart reads the arguments [NAME] CHART. The messages are Helm's.
func (n *nameFlags) nameAndChart(args []string, now time.Time) (name, chart string, err error) {
	if len(args) > 2 {
		return "", "", fmt.Errorf("expected at most two arguments, unexpected arguments: %v", strings.Join(args[2:], ", "))
	}
	if len(args) == 2 {
		switch {
		case n.generate:
			return "", "", errors.New("cannot set --generate-name and also specify a name")
		case n.template != "":
			return "", "", errors.New("cannot set --name-template and also specify a name")
		}
		return args[0], args[1], nil
	}
	switch {
	case n.template != "":
		name, err = expandName(n.template)
		return name, args[0], err
	case n.generate:
		return release.GenerateName(args[0], now), args[0], nil
	}
	return "", "", errors.New("must either provide a name or specify --generate-name")
}

// expandName evaluates --name-template. It is the user's own, so all of sprig
// is there.
func expandName(text string) (string, error) {
	t, err := template.New("name-template").Funcs(sprig.TxtFuncMap()).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, nil); err != nil {
		return "", err
	}
	return b.String(), nil
}
