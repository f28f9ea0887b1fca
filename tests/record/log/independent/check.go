// Check a log with Go's own implementation of tiles and signed notes (golang.org/x/mod/sumdb).
//
// Arguments: the log's folder, its verifier key, a file of proofs as JSON.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ root string }

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// C2SP's paths do not name the height of the tiles, Go's do.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(f.root, path))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

type proofs struct {
	Inclusion []struct {
		Index int64
		Proof []tlog.Hash
		Leaf  tlog.Hash
	}
	Consistency []struct {
		Size  int64
		Proof []tlog.Hash
		Root  tlog.Hash
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func entries(root string, size int64) [][]byte {
	var found [][]byte
	for first := int64(0); first < size; first += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: int(min(256, size-first))}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(root, path))
		check(err)
		for len(data) > 0 {
			length := binary.BigEndian.Uint16(data)
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
	}
	return found
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func main() {
	root := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	signed, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	var tree tlog.Tree
	lines := strings.Split(opened.Text, "\n")
	_, err = fmt.Sscan(lines[1], &tree.N)
	check(err)
	check(tree.Hash.UnmarshalJSON([]byte(`"` + lines[2] + `"`)))

	reader := tlog.TileHashReader(tree, folder{root})
	rebuilt, err := tlog.TreeHash(tree.N, reader)
	check(err)
	if rebuilt != tree.Hash {
		log.Fatal("the tiles give another root")
	}
	found := entries(root, tree.N)
	if int64(len(found)) != tree.N {
		log.Fatalf("%d entries of %d", len(found), tree.N)
	}
	for first := int64(0); first < tree.N; first += 256 {
		var indexes []int64
		for index := first; index < min(first+256, tree.N); index++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, index))
		}
		hashes, err := reader.ReadHashes(indexes)
		check(err)
		for place, hash := range hashes {
			if hash != tlog.RecordHash(found[first+int64(place)]) {
				log.Fatalf("entry %d is not what its tile says", first+int64(place))
			}
		}
	}
	for index := int64(0); index < tree.N; index += 997 {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(found[index])))
	}

	var given proofs
	data, err := os.ReadFile(os.Args[3])
	check(err)
	check(json.Unmarshal(data, &given))
	for _, one := range given.Inclusion {
		check(tlog.CheckRecord(one.Proof, tree.N, tree.Hash, one.Index, one.Leaf))
	}
	for _, one := range given.Consistency {
		check(tlog.CheckTree(one.Proof, tree.N, tree.Hash, one.Size, one.Root))
	}
	fmt.Printf("%d entries, %d inclusion and %d consistency proofs hold\n",
		tree.N, len(given.Inclusion), len(given.Consistency))
}
