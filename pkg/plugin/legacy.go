package plugin

import (
	"errors"
	"fmt"
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
		Commands: f.PlatformCommand, Hooks: f.PlatformHooks, expandHooks: true,
	}
	if len(m.Commands) == 0 && f.Command != "" {
		m.Commands = []Command{{Command: f.Command}}
	}
	if len(m.Hooks) == 0 && len(f.Hooks) > 0 {
		m.expandHooks = false
		m.Hooks = make(map[string][]Command, len(f.Hooks))
		for event, line := range f.Hooks {
			m.Hooks[event] = []Command{{Command: "sh", Args: []string{"-c", line}}}
		}
	}
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

func (f *fileLegacy) check() error {
	switch {
	case !validName(f.Name):
		return fmt.Errorf("invalid plugin name %q: must contain only a-z, A-Z, 0-9, _ and -", f.Name)
	case f.Version != "" && !validVersion(f.Version):
		return fmt.Errorf("invalid plugin version %q: must be valid semver", f.Version)
	case len(f.PlatformCommand) > 0 && f.Command != "":
		return errors.New("both platformCommand and command are set")
	case len(f.PlatformHooks) > 0 && len(f.Hooks) > 0:
		return errors.New("both platformHooks and hooks are set")
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
