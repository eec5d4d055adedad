package plugin

import (
	"errors"
	"fmt"

	"github.com/Masterminds/semver/v3"
)

// fileLegacy is a plugin.yaml of the generation without an apiVersion.
type fileLegacy struct {
	Name            string               `yaml:"name"`
	Version         string               `yaml:"version"`
	Usage           string               `yaml:"usage"`
	Description     string               `yaml:"description"`
	PlatformCommand []Command            `yaml:"platformCommand"`
	Command         string               `yaml:"command"`
	IgnoreFlags     bool                 `yaml:"ignoreFlags"`
	PlatformHooks   map[string][]Command `yaml:"platformHooks"`
	Hooks           map[string]string    `yaml:"hooks"`
	Downloaders     []downloader         `yaml:"downloaders"`
}

// downloader makes a plugin a getter.
type downloader struct {
	Protocols []string `yaml:"protocols"`
	Command   string   `yaml:"command"`
}

func parseLegacy(data []byte) (*Metadata, error) {
	var f fileLegacy
	if err := decode(data, false, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	m := &Metadata{
		APIVersion: apiLegacy, Name: f.Name, Version: f.Version, Type: TypeCLI, Runtime: RuntimeSubprocess,
		Commands: f.PlatformCommand,
	}
	if len(m.Commands) == 0 && f.Command != "" {
		m.Commands = []Command{{Command: f.Command}}
	}
	m.Hooks, m.expandHooks = f.hooks()
	if len(f.Downloaders) == 0 || len(m.Commands) > 0 {
		m.CLI = CLI{ShortHelp: f.Usage, LongHelp: f.Description, IgnoreFlags: f.IgnoreFlags}
		m.finishCLI()
	}
	if len(f.Downloaders) == 0 {
		return m, nil
	}
	m.Type = TypeGetter
	for _, d := range f.Downloaders {
		m.Protocols = append(m.Protocols, d.Protocols...)
		m.ProtocolCommands = append(m.ProtocolCommands, ProtocolCommand{
			Protocols: d.Protocols, Commands: []Command{{Command: d.Command}},
		})
	}
	return m, nil
}

// hooks are what is run by events, and those in which variables are expanded. What is
// there by platform comes before a line for a shell.
func (f *fileLegacy) hooks() (all map[string][]Command, expand map[string]bool) {
	if len(f.PlatformHooks)+len(f.Hooks) == 0 {
		return nil, nil
	}
	all, expand = map[string][]Command{}, map[string]bool{}
	for event, line := range f.Hooks {
		all[event] = []Command{{Command: "sh", Args: []string{"-c", line}}}
	}
	for event, commands := range f.PlatformHooks {
		if len(commands) > 0 {
			all[event], expand[event] = commands, true
		}
	}
	return all, expand
}

// check asks for no more than Helm 3, which these files are written for, where it does
// not matter: Helm 4 wants a strict version, and refuses what is there twice, by platform
// and for all.
func (f *fileLegacy) check() error {
	if !validName(f.Name) {
		return fmt.Errorf("invalid plugin name %q: must contain only a-z, A-Z, 0-9, _ and -", f.Name)
	}
	if _, err := semver.NewVersion(f.Version); f.Version != "" && err != nil {
		return fmt.Errorf("invalid plugin version %q: must be valid semver", f.Version)
	}
	for i, d := range f.Downloaders {
		what := fmt.Sprintf("downloader %d", i)
		if d.Command == "" {
			return errors.New(what + " has empty command")
		}
		if err := checkProtocols(what, d.Protocols); err != nil {
			return err
		}
	}
	return nil
}
