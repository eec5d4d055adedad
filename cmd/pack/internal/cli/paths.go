package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// PathSettings are where files are kept: in folders of pack's own, or where Helm has
// its files already.
type PathSettings struct {
	CacheHome        string
	ConfigHome       string
	DataHome         string
	Plugins          string
	Starters         string
	RegistryConfig   string
	RepositoryConfig string
	RepositoryCache  string
	ContentCache     string
	// SignaturePolicy is the file that says by whom charts have to be signed. Where it
	// is empty DefaultPolicy counts, if that is there.
	SignaturePolicy string
	DefaultPolicy   string
}

// readPaths settles the places of files: a variable of their own, even an empty
// one, or a place below the base directories.
func readPaths(app App) PathSettings {
	config, cache, data := findHomes(app)
	p := PathSettings{
		CacheHome: cache.dir, ConfigHome: config.dir, DataHome: data.dir,
		Starters: data.place("starters"), DefaultPolicy: config.place("signatures.yaml"),
	}
	p.Plugins = app.getenvOr("PLUGINS", data.place("plugins"))
	p.RegistryConfig = app.getenvOr("REGISTRY_CONFIG", config.place(filepath.Join("registry", "config.json")))
	p.RepositoryConfig = app.getenvOr("REPOSITORY_CONFIG", config.place("repositories.yaml"))
	p.RepositoryCache = app.getenvOr("REPOSITORY_CACHE", cache.place("repository"))
	p.ContentCache = app.getenvOr("CONTENT_CACHE", cache.place("content"))
	p.SignaturePolicy, _ = app.Env("PACK_SIGNATURE_POLICY")
	return p
}

// findHomes are the base directories.
func findHomes(app App) (config, cache, data home) {
	config = findHome(app, "CONFIG_HOME", ownFolder)
	// What belongs to Helm's configuration goes where Helm looks for it.
	return config, findHome(app, "CACHE_HOME", config.folder), findHome(app, "DATA_HOME", config.folder)
}

// home is a base directory.
type home struct {
	app App
	// variable is what named it, if something did.
	variable string
	// dir is the one that is in use. It is pack's own, unless there is none and Helm has
	// one, which is then kept up for both.
	dir string
	// helm is Helm's beside pack's own; empty where it has none, or is dir.
	helm string
	// folder is the name of dir, as far as it was chosen here.
	folder string
}

// The names of base directories.
const (
	ownFolder   = "pack"
	helmsFolder = "helm"
)

// findHome is the base directory that PACK_kind or HELM_kind names, or a folder in that
// of XDG_kind, or in the system's usual place. Empty variables do not count. Where there
// is neither pack's nor Helm's, the folder is called as none says.
func findHome(app App, kind, none string) home {
	for _, name := range []string{"PACK_" + kind, "HELM_" + kind} {
		if v, _ := app.Env(name); v != "" {
			return home{app: app, variable: name, dir: v, folder: ownFolder}
		}
	}
	base, _ := app.Env("XDG_" + kind)
	if base == "" {
		base = systemDir(app, runtime.GOOS, kind)
	}
	own, helm := filepath.Join(base, ownFolder), filepath.Join(base, helmsFolder)
	switch hasOwn, hasHelms := app.isThere(own), app.isThere(helm); {
	case hasOwn && hasHelms:
		return home{app: app, dir: own, helm: helm, folder: ownFolder}
	case hasOwn:
		return home{app: app, dir: own, folder: ownFolder}
	case hasHelms:
		return home{app: app, dir: helm, folder: helmsFolder}
	}
	return home{app: app, dir: filepath.Join(base, none), folder: none}
}

// place is where a file or a folder of the base directory is: Helm's, if pack has none of
// its own.
func (h home) place(name string) string {
	own := filepath.Join(h.dir, name)
	if h.helm == "" || h.app.isThere(own) {
		return own
	}
	if helms := filepath.Join(h.helm, name); h.app.isThere(helms) {
		return helms
	}
	return own
}

// isThere says whether there is something at path, if only something that cannot be read.
func (a App) isThere(path string) bool {
	_, err := os.Stat(a.path(path))
	return err == nil || errors.Is(err, fs.ErrPermission)
}

func systemDir(app App, goos, kind string) string {
	switch goos {
	case "windows":
		name := "APPDATA"
		if kind == "CACHE_HOME" {
			name = "TEMP"
		}
		v, _ := app.Env(name)
		return v
	case "darwin":
		dirs := map[string]string{"CACHE_HOME": "Caches", "CONFIG_HOME": "Preferences", "DATA_HOME": ""}
		return filepath.Join(app.Home, "Library", dirs[kind])
	default:
		dirs := map[string]string{"CACHE_HOME": ".cache", "CONFIG_HOME": ".config", "DATA_HOME": ".local/share"}
		return filepath.Join(app.Home, filepath.FromSlash(dirs[kind]))
	}
}
