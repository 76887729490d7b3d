// Reads N.kif, N.kifu, N.csa and N.usi of a folder by tsshogi, the library of ShogiHome: node THIS TSSHOGI FOLDER.
// Prints a JSON object by file name: start, moves, how it ended, names; or the error.
const fs = require("fs");
const path = require("path");
const [, , library, folder] = process.argv;
const { importKIF, importCSA, Record, RecordMetadataKey } = require(library);

const readers = {
  ".kif": (bytes) => importKIF(new TextDecoder("shift_jis", { fatal: true }).decode(bytes)),
  ".kifu": (bytes) => importKIF(bytes.toString("utf8")),
  ".csa": (bytes) => importCSA(bytes.toString("utf8")),
  ".usi": (bytes) => Record.newByUSI(bytes.toString("utf8").trim()),
};
const names = ["BLACK_NAME", "SHITATE_NAME", "WHITE_NAME", "UWATE_NAME"].map((key) => RecordMetadataKey[key]);

function read(file) {
  const record = readers[path.extname(file)](fs.readFileSync(path.join(folder, file)));
  if (record instanceof Error) return { error: `${record.name}: ${record.message}` };
  const moves = [];
  let ending = "";
  for (let node = record.first.next; node; node = node.next) {
    if (node.move.usi) moves.push(node.move.usi);
    else ending = node.move.type;
  }
  const found = names.map((key) => record.metadata.getStandardMetadata(key)).filter(Boolean);
  return { sfen: record.initialPosition.sfen, moves, ending, names: found };
}

const files = fs.readdirSync(folder).filter((file) => path.extname(file) in readers);
console.log(JSON.stringify(Object.fromEntries(files.map((file) => [file, read(file)]))));
