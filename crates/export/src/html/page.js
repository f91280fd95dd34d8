// Sorts, filters and copies the observables, and switches between light and dark. Everything else works without it.
(function () {
  "use strict";
  var root = document.documentElement;
  root.setAttribute("data-script", "");

  var theme = document.getElementById("theme");
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function isDark() {
    var said = root.getAttribute("data-theme");
    return said ? said === "dark" : dark.matches;
  }
  function show() { theme.setAttribute("aria-pressed", String(isDark())); }
  theme.addEventListener("click", function () {
    root.setAttribute("data-theme", isDark() ? "light" : "dark");
    show();
  });
  dark.addEventListener("change", show);
  show();

  // On paper nothing can be opened; what is long stays closed.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".actions details, #method details").forEach(function (one) { one.open = true; });
  });

  var table = document.getElementById("observables-table");
  if (!table) { return; }
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var said = document.getElementById("said");
  var filter = document.getElementById("filter");
  var order = ["malicious", "suspicious", "unknown", "–", "benign"];

  function cell(row, at) { return row.cells[at].textContent.trim(); }
  function shown() { return Array.prototype.filter.call(body.rows, function (row) { return !row.hidden; }); }

  filter.addEventListener("input", function () {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row) {
      var text = (row.textContent + " " + (row.dataset.live || "")).toLowerCase();
      row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      count += row.hidden ? 0 : 1;
    });
    said.textContent = count + " of " + rows.length + " shown";
  });

  table.querySelectorAll("th").forEach(function (head, at) {
    var button = head.querySelector("button");
    button.disabled = false;
    button.addEventListener("click", function () {
      var down = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var key = function (row) {
        var text = cell(row, at);
        if (at === 4) { return Number(text); }
        if (at === 2) {
          return order.findIndex(function (word) { return text.toLowerCase().indexOf(word) >= 0; });
        }
        return text.toLowerCase();
      };
      var keyed = rows.map(function (row, place) { return { key: key(row), place: place, row: row }; });
      keyed.sort(function (a, b) {
        var before = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
        return (down ? -before : before) || a.place - b.place;
      });
      keyed.forEach(function (one) { body.appendChild(one.row); });
      said.textContent = "sorted by " + button.textContent + (down ? ", descending" : ", ascending");
    });
  });

  function record(row) {
    var value = cell(row, 1);
    return {
      type: cell(row, 0), value: row.dataset.live || value, defanged: value,
      verdict: cell(row, 2).replace(/[^A-Z]/g, "").toLowerCase(), role: cell(row, 3), count: Number(cell(row, 4)), where: cell(row, 5)
    };
  }
  // What a spreadsheet would take for a formula begins with an apostrophe.
  function quoted(text) {
    text = String(text);
    if (/^[=+\-@\t\r]/.test(text)) { text = "'" + text; }
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function literal(text) { return '"' + text.replace(/\\/g, "\\\\").replace(/"/g, '\\"') + '"'; }
  function unpiped(text) { return text.replace(/\\/g, "\\\\").replace(/\|/g, "\\|"); }
  var forms = {
    text: function (all) { return all.map(function (one) { return one.defanged; }).join("\n"); },
    csv: function (all) {
      var names = ["type", "value", "verdict", "role", "count", "where"];
      return [names.join(",")].concat(all.map(function (one) {
        return names.map(function (name) { return quoted(one[name]); }).join(",");
      })).join("\r\n") + "\r\n";
    },
    json: function (all) {
      return JSON.stringify(all.map(function (one) {
        return { type: one.type, value: one.value, verdict: one.verdict || undefined, role: one.role, count: one.count, where: one.where };
      }), null, 1);
    },
    markdown: function (all) {
      return "| type | value | verdict | seen |\n|---|---|---|---|\n" + all.map(function (one) {
        return "| " + unpiped(one.type) + " | `" + unpiped(one.defanged).replace(/`/g, "'") + "` | " + (one.verdict || "–") + " | " + one.count + " |";
      }).join("\n") + "\n";
    },
    spl: function (all) { return "search (" + all.map(function (one) { return literal(one.value); }).join(" OR ") + ")"; },
    kql: function (all) { return "search " + all.map(function (one) { return literal(one.value); }).join(" or "); }
  };
  function tell(count, form) { said.textContent = count + " copied as " + form; }
  document.getElementById("copy").addEventListener("click", function () {
    var choice = document.getElementById("copy-form");
    var all = shown().map(record);
    var text = forms[choice.value](all);
    var name = choice.options[choice.selectedIndex].textContent;
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () { tell(all.length, name); }, function () { byHand(text, all.length, name); });
    } else {
      byHand(text, all.length, name);
    }
  });
  function byHand(text, count, name) {
    var area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-label", "what is copied");
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    said.textContent = done ? count + " copied as " + name : "the browser does not let this page copy";
  }
})();
