package plugin

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
)

// FileName is the file in a plugin's folder that says what it is.
const FileName = "plugin.yaml"

// What a plugin is for.
const (
	// TypeCLI adds a command.
	TypeCLI = "cli/v1"
	// TypeGetter fetches what URLs of its schemes name.
	TypeGetter = "getter/v1"
	// TypePostRenderer changes what was rendered.
	TypePostRenderer = "postrenderer/v1"
)

// What runs a plugin.
const (
	// RuntimeSubprocess is the operating system: the plugin is a program.
	RuntimeSubprocess = "subprocess"
	// RuntimeExtism is a WebAssembly engine, which pack has not.
	RuntimeExtism = "extism/v1"
)

// The values of Metadata.APIVersion.
const (
	apiV1     = "v1"
	apiLegacy = "legacy"
)

// Metadata is what a plugin.yaml says, of either generation.
type Metadata struct {
	// APIVersion is "v1", or "legacy" where the file has none.
	APIVersion string
	// Name has only letters, digits, "_" and "-".
	Name string
	// Version is a semantic version; it may be empty in a legacy plugin.
	Version   string
	Type      string
	Runtime   string
	SourceURL string
	// CLI describes the command that the plugin adds, if it HasCommand.
	CLI CLI
	// Protocols are the schemes of a TypeGetter.
	Protocols []string
	// Commands are what is run, by platform.
	Commands []Command
	// ProtocolCommands are what a TypeGetter runs.
	ProtocolCommands []ProtocolCommand
	// Hooks are what is run by an event, HookInstall and the others.
	Hooks map[string][]Command

	// expandHooks are the events in whose hooks variables are expanded: as in
	// Helm, not in lines for a shell, and not in those of version 1.
	expandHooks map[string]bool
}

// CLI describes a command.
type CLI struct {
	// Usage is a line of the form "name [ARGS]"; the first word is the name of
	// the command.
	Usage string
	// ShortHelp and LongHelp may be empty.
	ShortHelp string
	LongHelp  string
	// IgnoreFlags runs the plugin without any of the arguments given.
	IgnoreFlags bool
}

// HasCommand says whether the plugin adds a command: a TypeCLI, or a legacy
// TypeGetter that has one too, which is a command for Helm 3 and not for Helm 4.
func (m *Metadata) HasCommand() bool { return m.CLI.Usage != "" }

// Command is what is run on a platform.
type Command struct {
	// OS and Arch are Go's names of them; empty is any.
	OS   string `yaml:"os"`
	Arch string `yaml:"arch"`
	// Command is a program, perhaps with arguments behind blanks.
	Command string   `yaml:"command"`
	Args    []string `yaml:"args"`
}

// ProtocolCommand is what a getter runs for some schemes.
type ProtocolCommand struct {
	Protocols []string  `yaml:"protocols"`
	Commands  []Command `yaml:"platformCommand"`
}

// Parse reads a plugin.yaml. Keys that nobody knows are errors in version 1 and
// passed over in the generation before.
func Parse(data []byte) (*Metadata, error) {
	var head struct {
		APIVersion string `yaml:"apiVersion"`
	}
	if err := decode(data, false, &head); err != nil {
		return nil, fmt.Errorf("failed to peek %s API version: %w", FileName, err)
	}
	switch head.APIVersion {
	case "":
		return parseLegacy(data)
	case apiV1:
		return parseV1(data)
	}
	return nil, fmt.Errorf("invalid plugin apiVersion: %q", head.APIVersion)
}

// fileV1 is a plugin.yaml of version 1.
type fileV1 struct {
	APIVersion    string    `yaml:"apiVersion"`
	Name          string    `yaml:"name"`
	Type          string    `yaml:"type"`
	Runtime       string    `yaml:"runtime"`
	Version       string    `yaml:"version"`
	SourceURL     string    `yaml:"sourceURL"`
	Config        yaml.Node `yaml:"config"`
	RuntimeConfig yaml.Node `yaml:"runtimeConfig"`
}

// subprocessConfig is the runtimeConfig of a subprocess. As in Helm other keys
// are passed over.
type subprocessConfig struct {
	PlatformCommand  []Command            `yaml:"platformCommand"`
	PlatformHooks    map[string][]Command `yaml:"platformHooks"`
	ProtocolCommands []ProtocolCommand    `yaml:"protocolCommands"`
}

func parseV1(data []byte) (*Metadata, error) {
	var f fileV1
	if err := decode(data, true, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	m := &Metadata{
		APIVersion: f.APIVersion, Name: f.Name, Version: f.Version, Type: f.Type, Runtime: f.Runtime,
		SourceURL: oneLine(f.SourceURL),
	}
	if err := m.readConfig(&f.Config); err != nil {
		return nil, err
	}
	switch f.Runtime {
	case RuntimeSubprocess:
		var c subprocessConfig
		if err := decodeNode(&f.RuntimeConfig, &c); err != nil {
			return nil, fmt.Errorf("failed to unmarshal runtimeConfig for %s runtime: %w", f.Runtime, err)
		}
		m.Commands, m.Hooks, m.ProtocolCommands = c.PlatformCommand, c.PlatformHooks, c.ProtocolCommands
	case RuntimeExtism:
	default:
		return nil, fmt.Errorf("unsupported plugin runtime type: %q", f.Runtime)
	}
	return m, nil
}

func (f *fileV1) check() error {
	switch {
	case !validName(f.Name):
		return errors.New("invalid plugin `name`: must contain only a-z, A-Z, 0-9, _ and -")
	case f.Version == "":
		return errors.New("plugin `version` is required")
	case !validVersion(f.Version):
		return fmt.Errorf("invalid plugin `version` %q: must be valid semver", f.Version)
	case f.Type == "":
		return errors.New("`type` missing")
	case f.Runtime == "":
		return errors.New("`runtime` missing")
	}
	return nil
}

// readConfig reads what depends on the type of the plugin.
func (m *Metadata) readConfig(config *yaml.Node) error {
	switch m.Type {
	case TypeCLI:
		var c struct {
			Usage       string `yaml:"usage"`
			ShortHelp   string `yaml:"shortHelp"`
			LongHelp    string `yaml:"longHelp"`
			IgnoreFlags bool   `yaml:"ignoreFlags"`
		}
		if err := decodeNode(config, &c, "usage", "shortHelp", "longHelp", "ignoreFlags"); err != nil {
			return err
		}
		m.CLI = CLI{Usage: c.Usage, ShortHelp: c.ShortHelp, LongHelp: c.LongHelp, IgnoreFlags: c.IgnoreFlags}
		m.finishCLI()
	case TypeGetter:
		var c struct {
			Protocols []string `yaml:"protocols"`
		}
		if err := decodeNode(config, &c, "protocols"); err != nil {
			return err
		}
		m.Protocols = c.Protocols
		return checkProtocols("getter", c.Protocols)
	case TypePostRenderer:
		return decodeNode(config, &struct{}{}, "")
	default:
		return fmt.Errorf("unknown plugin type %q", m.Type)
	}
	return nil
}

// finishCLI fills what a description of a command may leave out, and takes out
// of it what would act on a terminal.
func (m *Metadata) finishCLI() {
	c := &m.CLI
	c.Usage, c.ShortHelp = strings.TrimSpace(oneLine(c.Usage)), oneLine(c.ShortHelp)
	c.LongHelp = printable(c.LongHelp)
	if c.Usage == "" {
		c.Usage = m.Name
	}
}

func checkProtocols(what string, protocols []string) error {
	if len(protocols) == 0 {
		return fmt.Errorf("%s has no protocols", what)
	}
	for i, p := range protocols {
		if p == "" {
			return fmt.Errorf("%s has empty protocol at index %d", what, i)
		}
	}
	return nil
}

func validName(name string) bool {
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
		default:
			return false
		}
	}
	return name != ""
}

func validVersion(version string) bool {
	_, err := semver.StrictNewVersion(version)
	return err == nil
}

// oneLine makes blanks of all white space and drops what cannot be printed.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, text)
}

// printable drops what cannot be printed, and keeps lines.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}
