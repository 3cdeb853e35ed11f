-- The load of one benchmark run. Each thread of wrk holds one connection and owns the rows whose number leaves its own rest
-- when divided by the number of connections, so that it can remember their versions and send the next one.
--
-- wrk -t N -c N … -- case=replace door=rest connections=N rows=10000 contended=16 admins=10 documents=7 begin=T finish=T tag=text
--
-- Times are seconds of the monotonic clock. Answers between `begin` and `finish` are measured; those before warm the server up.
-- A row's name is "n", the number of changes it has had, which is its version less one, and its key: the harness checks it afterwards.

local ffi = require("ffi")
ffi.cdef([[
typedef struct { long seconds; long nanoseconds; } moment;
int clock_gettime(int clock, moment *now);
]])
local MONOTONIC = 1
local moment = ffi.new("moment")

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) * 1e-9
end

-- Globals are what can be asked for at the end: plain values only, since wrk cannot copy a table of tables.
wrong, unanswered, acknowledged, created, conflicts = 0, 0, 0, 0, 0
pending, kinds_as_json, samples_as_json = false, "{}", "[]"

local kinds, samples = {}, {}
local options, asked_at, probed = {}, 0, false
local ask, hear, last

local BUCKETS_PER_E = 50

local function record(kind, seconds)
  local kept = kinds[kind]
  if kept == nil then
    kept = { count = 0, total = 0, slowest = 0, buckets = {} }
    kinds[kind] = kept
  end
  local bucket = tostring(math.floor(math.log(math.max(seconds * 1e6, 1)) * BUCKETS_PER_E))
  kept.count = kept.count + 1
  kept.total = kept.total + seconds
  kept.slowest = math.max(kept.slowest, seconds)
  kept.buckets[bucket] = (kept.buckets[bucket] or 0) + 1
end

-- Requests ---------------------------------------------------------------------------------------------------------------------

local HEAD = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"

local function without_body(method, path)
  return method .. " " .. path .. HEAD .. "\r\n"
end

local function with_body(method, path, media_type, more, body)
  return method .. " " .. path .. HEAD .. more .. "Content-Type: " .. media_type .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

local function name_of(id, changes)
  return "n" .. changes .. " " .. id
end

-- Writes leave the role as it is.
local function role_of(id)
  return id % options.admins == 0 and "admin" or "user"
end

local function fields(name, email, role)
  return '"name":"' .. name .. '","email":"' .. email .. '","role":"' .. role .. '","bio":"A short text about this person."'
end

local function email_of(id)
  return "user" .. id .. "@example.com"
end

local rest = {
  get = function(id)
    return without_body("GET", "/api/users/" .. id)
  end,
  replace = function(id, version, name, email)
    local body = "{" .. fields(name, email, role_of(id)) .. "}"
    return with_body("PUT", "/api/users/" .. id, "application/json", 'If-Match: "' .. version .. '"\r\n', body)
  end,
  patch = function(id, name)
    return with_body("PATCH", "/api/users/" .. id, "application/merge-patch+json", "", '{"name":"' .. name .. '"}')
  end,
  create = function(name, email)
    return with_body("POST", "/api/users", "application/json", "", "{" .. fields(name, email, "user") .. "}")
  end,
  list = function()
    return without_body("GET", "/api/users?limit=50")
  end,
  outcome = function(status, body)
    if status == 200 or status == 201 then
      return "ok"
    elseif status == 412 then
      return "stale"
    elseif status == 409 then
      return "taken"
    end
    return "error"
  end,
}

local USER = "id version name email role bio"

local function operation(text, variables)
  return with_body("POST", "/graphql", "application/json", "", '{"query":"' .. text .. '","variables":{' .. variables .. "}}")
end

local PAGE = "{ edges { cursor node { " .. USER .. " } } pageInfo { hasNextPage endCursor } }"
local TITLES = "{ edges { node { id title } } }"

local function place(first, after)
  return '"first":' .. first .. ',"after":' .. (after and '"' .. after .. '"' or "null")
end

local WRITTEN = "__typename ... on UserWritten { version user { " .. USER .. " } } ... on Problem { code detail }"

local graphql = {
  get = function(id)
    return operation("query Get($id: ID!) { user(id: $id) { " .. USER .. " } }", '"id":"' .. id .. '"')
  end,
  replace = function(id, version, name, email)
    return operation(
      "mutation Replace($id: ID!, $version: Int, $input: ReplaceUserInput!) "
        .. "{ replaceUser(id: $id, version: $version, input: $input) { " .. WRITTEN .. " } }",
      '"id":"' .. id .. '","version":' .. version .. ',"input":{' .. fields(name, email, role_of(id)) .. "}"
    )
  end,
  create = function(name, email)
    return operation(
      "mutation Create($input: CreateUserInput!) { createUser(input: $input) { " .. WRITTEN .. " } }",
      '"input":{' .. fields(name, email, "user") .. "}"
    )
  end,
  list = function()
    return operation("query List($first: Int!) { users(first: $first) " .. PAGE .. " }", '"first":50')
  end,
  walk = function(first, after)
    local text = "query Walk($first: Int!, $after: String) { users(first: $first, after: $after) " .. PAGE .. " }"
    return operation(text, place(first, after))
  end,
  filtered = function(role)
    return operation(
      "query Filtered($role: String!, $first: Int!) { users(where: { role: { eq: $role } }, orderBy: [NAME_ASC], first: $first) "
        .. PAGE
        .. " }",
      '"role":"' .. role .. '","first":20'
    )
  end,
  nested = function()
    return operation(
      "query Nested($first: Int!, $few: Int!) { users(first: $first) { edges { node { id name documents(first: $few) "
        .. TITLES
        .. " } } } }",
      '"first":20,"few":5'
    )
  end,
  outcome = function(status, body)
    if status ~= 200 or body:find('"errors"', 1, true) then
      return "error"
    elseif body:find('"__typename":"UserVersionMismatch"', 1, true) then
      return "stale"
    elseif body:find('"__typename":"UniqueConflict"', 1, true) then
      return "taken"
    elseif body:find('"__typename"', 1, true) and not body:find('"__typename":"UserWritten"', 1, true) then
      return "error"
    end
    return "ok"
  end,
}

-- PostGraphile derives its schema from the database: a function replaces, and a stale version answers no row.
local derived = {
  get = function(id)
    return operation("query Get($id: Int!) { userById(id: $id) { " .. USER .. " } }", '"id":' .. id)
  end,
  replace = function(id, version, name, email)
    return operation(
      "mutation Replace($input: ReplaceUserInput!) { replaceUser(input: $input) { user { " .. USER .. " } } }",
      '"input":{"id":' .. id .. ',"seen":"' .. version .. '",' .. fields(name, email, role_of(id)) .. "}"
    )
  end,
  create = function(name, email)
    return operation(
      "mutation Create($input: CreateUserInput!) { createUser(input: $input) { user { " .. USER .. " } } }",
      '"input":{"user":{' .. fields(name, email, "user") .. "}}"
    )
  end,
  list = function()
    return operation("query List($first: Int!) { allUsers(first: $first) " .. PAGE .. " }", '"first":50')
  end,
  walk = function(first, after)
    local text = "query Walk($first: Int!, $after: Cursor) { allUsers(first: $first, after: $after) " .. PAGE .. " }"
    return operation(text, place(first, after))
  end,
  filtered = function(role)
    return operation(
      "query Filtered($role: String!, $first: Int!) { allUsers(condition: { role: $role }, orderBy: [NAME_ASC], first: $first) "
        .. PAGE
        .. " }",
      '"role":"' .. role .. '","first":20'
    )
  end,
  nested = function()
    return operation(
      "query Nested($first: Int!, $few: Int!) { allUsers(first: $first) { edges { node { id name documentsByOwnerId(first: $few) "
        .. TITLES
        .. " } } } }",
      '"first":20,"few":5'
    )
  end,
  outcome = function(status, body)
    if body:find('"errors"', 1, true) then
      return body:find('"23505"', 1, true) and "taken" or "error"
    elseif status ~= 200 then
      return "error"
    elseif body:find('"user":null', 1, true) or body:find('"replaceUser":null', 1, true) then
      return "stale"
    end
    return "ok"
  end,
}

local doors = { rest = rest, graphql = graphql, postgraphile = derived }
local door

-- Answers ----------------------------------------------------------------------------------------------------------------------

local function miss(why, status, body)
  wrong = wrong + 1
  if #samples < 3 then
    samples[#samples + 1] = why .. " after " .. (last or "?") .. ": " .. status .. " " .. body:sub(1, 400)
  end
end

local function version_in(body)
  return tonumber(body:match('"version":"?(%d+)'))
end

local function emails_in(body)
  local count, at = 0, 1
  while true do
    at = body:find('"email":', at, true)
    if at == nil then
      return count
    end
    count, at = count + 1, at + 8
  end
end

-- What a pattern captures in a body, in the order of the body, as one text.
local function all_in(body, pattern)
  local found = {}
  for capture in body:gmatch(pattern) do
    found[#found + 1] = capture
  end
  return table.concat(found, ",")
end

-- Cases: each gives a function that asks and one that hears the answer and names its kind ---------------------------------------

local versions = {}

local function any_own()
  local count = math.floor((options.rows - number) / options.connections)
  return number + options.connections * math.random(0, count)
end

local function seen(id)
  return versions[id] or 1
end

local function hear_own_row(id, status, body)
  if door.outcome(status, body) ~= "ok" or version_in(body) ~= seen(id) or not body:find('"' .. email_of(id) .. '"', 1, true) then
    miss("a row that is not the one written last", status, body)
  end
  return "read"
end

local function hear_own_write(id, status, body)
  if door.outcome(status, body) ~= "ok" then
    miss("a write that was refused", status, body)
    return "refused"
  end
  acknowledged = acknowledged + 1
  local version = version_in(body)
  if version ~= seen(id) + 1 or not body:find('"name":"' .. name_of(id, seen(id)) .. '"', 1, true) then
    miss("another row than the one written", status, body)
  end
  versions[id] = version or seen(id) + 1
  return "write"
end

local cases = {}

function cases.get()
  local id
  return function()
    id = any_own()
    return door.get(id)
  end, function(status, body)
    return hear_own_row(id, status, body)
  end
end

function cases.replace()
  local id
  return function()
    id = any_own()
    return door.replace(id, seen(id), name_of(id, seen(id)), email_of(id))
  end, function(status, body)
    return hear_own_write(id, status, body)
  end
end

function cases.patch()
  local id
  return function()
    id = any_own()
    return door.patch(id, name_of(id, seen(id)))
  end, function(status, body)
    return hear_own_write(id, status, body)
  end
end

function cases.create()
  local sequence, email = 0, nil
  return function()
    sequence = sequence + 1
    email = "new" .. options.tag .. "-" .. number .. "-" .. sequence .. "@example.com"
    return door.create(name_of("new", 0), email)
  end, function(status, body)
    if door.outcome(status, body) ~= "ok" then
      miss("a create that was refused", status, body)
      return "refused"
    end
    created = created + 1
    if version_in(body) ~= 1 or not body:find('"' .. email .. '"', 1, true) then
      miss("another row than the one created", status, body)
    end
    return "write"
  end
end

function cases.list()
  return function()
    return door.list()
  end, function(status, body)
    if door.outcome(status, body) ~= "ok" or emails_in(body) ~= 50 or not body:find('"hasNextPage":true', 1, true) then
      miss("a list that is not of 50", status, body)
    end
    return "read"
  end
end

-- From page to page behind the last answer's cursor, and behind the last page from the start again. Each connection leaves out another
-- number of rows at the start, so that hardly any two ask for the same page.
function cases.walk()
  local SIZE = 50
  local skip, at = number - 1, 0
  local after, from, size, starting
  return function()
    starting = at < skip
    size = starting and math.min(SIZE, skip - at) or SIZE
    return door.walk(size, after)
  end, function(status, body)
    local left, cursor = options.rows - at, body:match('"endCursor":"([^"]*)"')
    local right = door.outcome(status, body) == "ok"
      and emails_in(body) == math.min(size, left)
      and body:match('"email":"([^"]*)"') == email_of(at + 1)
      and body:find('"hasNextPage":' .. tostring(left > size), 1, true)
    if not right or cursor == nil then
      miss("a list that does not begin behind row " .. at, status, body)
      return "read"
    end
    at, after = at + size, cursor
    if at == skip then
      from = cursor
    elseif at >= options.rows then
      at, after = skip, from
    end
    return starting and "start" or "read"
  end
end

function cases.filtered()
  local names = {}
  for id = 1, options.rows do
    if role_of(id) == "admin" then
      names[#names + 1] = name_of(id, 0)
    end
  end
  table.sort(names)
  local expected = table.concat(names, ",", 1, math.min(20, #names))
  return function()
    return door.filtered("admin")
  end, function(status, body)
    if door.outcome(status, body) ~= "ok" or all_in(body, '"name":"([^"]*)"') ~= expected or body:find('"role":"user"', 1, true) then
      miss("a list that is not of the first 20 admins", status, body)
    end
    return "read"
  end
end

function cases.nested()
  local names, titles = {}, {}
  for id = 1, 20 do
    names[id] = name_of(id, 0)
    for document = 1, math.min(5, id % options.documents) do
      titles[#titles + 1] = "Document " .. document .. " of user " .. id
    end
  end
  names, titles = table.concat(names, ","), table.concat(titles, ",")
  return function()
    return door.nested()
  end, function(status, body)
    if
      door.outcome(status, body) ~= "ok"
      or all_in(body, '"name":"([^"]*)"') ~= names
      or all_in(body, '"title":"([^"]*)"') ~= titles
    then
      miss("a list that is not of 20 and their documents", status, body)
    end
    return "read"
  end
end

function cases.mixed()
  local id, writes
  return function()
    id = any_own()
    writes = math.random() >= 0.8
    if writes then
      return door.replace(id, seen(id), name_of(id, seen(id)), email_of(id))
    end
    return door.get(id)
  end, function(status, body)
    if writes then
      return hear_own_write(id, status, body)
    end
    return hear_own_row(id, status, body)
  end
end

-- Everyone on the same few rows: read one, write it at the version that was read, count those who came too late.
function cases.contended()
  local id, read, changes
  return function()
    if read == nil then
      id = math.random(1, options.contended)
      return door.get(id)
    end
    return door.replace(id, read, name_of(id, changes + 1), email_of(id))
  end, function(status, body)
    local outcome, version = door.outcome(status, body), version_in(body)
    if read == nil then
      changes = tonumber(body:match('"name":"n(%d+) '))
      if outcome ~= "ok" or version == nil or changes == nil then
        miss("no row", status, body)
        return "read"
      end
      read = version
      return "read"
    end
    local expected = read + 1
    read = nil
    if outcome == "stale" then
      conflicts = conflicts + 1
      return "conflict"
    elseif outcome ~= "ok" then
      miss("a write that was refused", status, body)
      return "refused"
    end
    acknowledged = acknowledged + 1
    if version ~= expected then
      miss("another version than the next", status, body)
    end
    return "write"
  end
end

-- The first connection always asks for an email that another row has; the others do what they do in `replace`.
function cases.bad()
  if number ~= 1 then
    return cases.replace()
  end
  local id
  return function()
    id = any_own()
    return door.replace(id, seen(id), name_of(id, seen(id)), email_of(id % options.rows + 1))
  end, function(status, body)
    if door.outcome(status, body) ~= "taken" then
      miss("no conflict where there is one", status, body)
    end
    return "bad"
  end
end

-- What wrk calls ---------------------------------------------------------------------------------------------------------------

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function init(arguments)
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    if name ~= nil then
      options[name] = name ~= "tag" and tonumber(value) or value
    end
  end
  math.randomseed(number)
  door = doors[options.door]
  ask, hear = cases[options.case]()
end

function request()
  -- wrk asks the first thread once for a request that it only looks at.
  if number == 1 and not probed then
    probed = true
    return door.get(1)
  end
  if pending then
    unanswered = unanswered + 1
  end
  pending, asked_at = true, now()
  local text = ask()
  last = text:match("^%u+ %S+")
  return text
end

local function text(value)
  return '"' .. value:gsub('[%c"\\\128-\255]', function(byte)
    return string.format("\\u%04x", byte:byte())
  end) .. '"'
end

local function json(value)
  if type(value) == "string" then
    return text(value)
  elseif type(value) ~= "table" then
    return string.format("%.9g", value)
  end
  local members = {}
  for name, item in pairs(value) do
    members[#members + 1] = text(name) .. ":" .. json(item)
  end
  return "{" .. table.concat(members, ",") .. "}"
end

local function json_list(values)
  local items = {}
  for index, value in ipairs(values) do
    items[index] = json(value)
  end
  return "[" .. table.concat(items, ",") .. "]"
end

function response(status, headers, body)
  local time = now()
  pending = false
  local kind = hear(status, body)
  if time >= options.begin and time <= options.finish then
    record(kind, time - asked_at)
  end
  if time >= options.finish then
    kinds_as_json, samples_as_json = json(kinds), json_list(samples)
    wrk.thread:stop()
  end
end

-- One line of JSON: what each connection saw.
function done(summary, latency, requests)
  local parts = {}
  for index, thread in ipairs(threads) do
    local members = { '"kinds":' .. thread:get("kinds_as_json"), '"samples":' .. thread:get("samples_as_json") }
    for _, name in ipairs({ "wrong", "unanswered", "acknowledged", "created", "conflicts" }) do
      local count = thread:get(name)
      -- What was asked last may have had its effect, even if nobody waited for the answer.
      if name == "unanswered" and thread:get("pending") then
        count = count + 1
      end
      members[#members + 1] = text(name) .. ":" .. json(count)
    end
    parts[index] = "{" .. table.concat(members, ",") .. "}"
  end
  io.write('REPORT {"connections":[', table.concat(parts, ","), '],"errors":', json(summary.errors), "}\n")
end
