package cli

import (
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// usedFile is a file or a folder that pack works with.
type usedFile struct {
	What string `json:"what"`
	Path string `json:"path"`
	// From is whose it is, or the flag or variable that named it.
	From string `json:"from"`
	// There says whether there is something at Path.
	There bool `json:"there"`
}

func (o *envOptions) printFiles(s *session, args []string) error {
	if len(args) > 0 {
		return errors.New("--files prints all files and takes no name")
	}
	files := s.usedFiles()
	return o.output.write(s.Out, files, func(w io.Writer) error {
		t := &table{}
		t.add("WHAT", "PATH", "FROM", "THERE")
		for _, f := range files {
			t.add(f.What, f.Path, f.From, strconv.FormatBool(f.There))
		}
		return t.write(w)
	})
}

// usedFiles are those of pack, and those of other programs that it reads.
func (s *session) usedFiles() []usedFile {
	config, cache, data := findHomes(s.App)
	was, is := readPaths(s.App), s.Paths
	files := []usedFile{
		{What: "repositories", Path: is.RepositoryConfig, From: s.origin(config, is.RepositoryConfig, was.RepositoryConfig, "repository-config")},
		{What: "registry logins", Path: is.RegistryConfig, From: s.origin(config, is.RegistryConfig, was.RegistryConfig, "registry-config")},
		s.dockersFile(),
		s.policyFile(config),
		{What: "cached indexes", Path: is.RepositoryCache, From: s.origin(cache, is.RepositoryCache, was.RepositoryCache, "repository-cache")},
		{What: "cached charts", Path: is.ContentCache, From: s.origin(cache, is.ContentCache, was.ContentCache, "content-cache")},
		{What: "plugins", Path: is.Plugins, From: s.origin(data, is.Plugins, was.Plugins, "plugins")},
		{What: "starters", Path: is.Starters, From: data.whose(is.Starters)},
		{What: "keyring", Path: s.defaultKeyring(), From: s.variableOr("GNUPGHOME", "GnuPG")},
	}
	for i, f := range files {
		files[i].There = f.Path != "" && s.isThere(f.Path)
	}
	return files
}

// origin is where a path comes from: a flag, if it is not what it was before flags were
// read, the variable that is called as the flag is, or a base directory.
func (s *session) origin(h home, is, was, flag string) string {
	if is != was {
		return "--" + flag
	}
	name := strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	for _, v := range []string{"PACK_" + name, "HELM_" + name} {
		if _, ok := s.Env(v); ok {
			return v
		}
	}
	return h.whose(is)
}

// whose says which program a file of the base directory belongs to, or which variable
// named the directory.
func (h home) whose(path string) string {
	switch {
	case h.variable != "":
		return h.variable
	case h.folder == helmsFolder, h.helm != "" && strings.HasPrefix(path, h.helm+string(filepath.Separator)):
		return "Helm"
	}
	return "pack"
}

func (s *session) variableOr(name, otherwise string) string {
	if v, _ := s.Env(name); v != "" {
		return name
	}
	return otherwise
}

func (s *session) dockersFile() usedFile {
	return usedFile{What: "Docker's logins", Path: s.dockerConfig(), From: s.variableOr("DOCKER_CONFIG", "Docker")}
}

func (s *session) policyFile(config home) usedFile {
	f := usedFile{What: "signature policy", Path: s.Paths.SignaturePolicy}
	switch named, _ := s.Env("PACK_SIGNATURE_POLICY"); f.Path {
	case "":
		f.Path, f.From = s.Paths.DefaultPolicy, config.whose(s.Paths.DefaultPolicy)
	case named:
		f.From = "PACK_SIGNATURE_POLICY"
	default:
		f.From = "--signature-policy"
	}
	return f
}
