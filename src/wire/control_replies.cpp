#include <wire/control_replies.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <wire/cell.hpp>
#include <wire/control_cells.hpp>

namespace kusto::wire
{

namespace
{

/// A tag may hold blanks, so only the ends of lines part tags.
std::vector<std::string> split_tags(std::string_view text)
{
    std::vector<std::string> tags;
    while (!text.empty())
    {
        auto const end = (std::min)(text.find_first_of("\r\n"), text.size());
        if (end != 0)
            tags.emplace_back(text.substr(0, end));
        text.remove_prefix((std::min)(end + 1, text.size()));
    }
    return tags;
}

result<core::staged_extent> read_extent(value const& id, value const& rows, value const& tags)
{
    auto const read_id = id_of(id, "ExtentId");
    if (!read_id)
        return read_id.error();
    auto const read_rows = count_of(rows, "RowCount");
    if (!read_rows)
        return read_rows.error();
    auto const read_tags = text_of(tags, "Tags");
    if (!read_tags)
        return read_tags.error();
    return core::staged_extent{*read_id, *read_rows, split_tags(*read_tags)};
}

result<table_schema> read_columns(json::value const& schema)
{
    auto const* const columns = member(schema, "OrderedColumns");
    if (columns == nullptr || !columns->is_array())
        return malformed("a schema has no OrderedColumns");
    table_schema read;
    for (auto const& one : columns->get_array())
    {
        column_schema column;
        column.name = std::string(text_member(one, "Name"));
        column.type = column_type(text_member(one, "CslType"), text_member(one, "Type"));
        if (column.name.empty() || column.type.empty())
            return malformed("a column of a schema has no name or no type");
        read.push_back(std::move(column));
    }
    return read;
}

} // namespace

result<std::vector<core::staged_extent>> read_extents(table const& reply)
{
    auto const ids = column_of(reply, "ExtentId");
    if (!ids)
        return ids.error();
    auto const rows = column_of(reply, "RowCount");
    if (!rows)
        return rows.error();
    auto const tags = column_of(reply, "Tags");
    if (!tags)
        return tags.error();
    std::vector<core::staged_extent> extents;
    for (std::size_t i = 0; i < reply.size(); ++i)
    {
        auto const extent = read_extent((*ids)[i], (*rows)[i], (*tags)[i]);
        if (!extent)
            return extent.error();
        extents.push_back(*extent);
    }
    return extents;
}

result<std::vector<std::string>> read_names(table const& reply)
{
    auto const cells = column_of(reply, "TableName");
    if (!cells)
        return cells.error();
    std::vector<std::string> names;
    for (auto const& cell : *cells)
    {
        auto const name = name_of(cell, "TableName");
        if (!name)
            return name.error();
        names.push_back(*name);
    }
    return names;
}

result<table_schema> read_schema(table const& reply)
{
    auto const cells = column_of(reply, "Schema");
    if (!cells)
        return cells.error();
    if (cells->size() != 1)
        return malformed("a schema has " + std::to_string(cells->size()) + " rows instead of 1");
    auto const text = text_of(cells->front(), "Schema");
    if (!text)
        return text.error();
    auto const schema = parse_json(*text);
    if (!schema)
        return malformed_cell("Schema", "JSON");
    return read_columns(*schema);
}

result<std::optional<std::string>> read_mapping(table const& reply, std::string_view name)
{
    auto const names = column_of(reply, "Name");
    if (!names)
        return names.error();
    auto const mappings = column_of(reply, "Mapping");
    if (!mappings)
        return mappings.error();
    for (std::size_t i = 0; i < reply.size(); ++i)
    {
        auto const found = name_of((*names)[i], "Name");
        if (!found)
            return found.error();
        if (*found != name)
            continue;
        auto const mapping = text_of((*mappings)[i], "Mapping");
        if (!mapping)
            return mapping.error();
        if (!parse_json(*mapping))
            return malformed_cell("Mapping", "JSON");
        return std::optional(*mapping);
    }
    return std::optional<std::string>();
}

result<std::size_t> read_move(table const& reply)
{
    auto const moved = column_of(reply, "ResultExtentId");
    if (!moved)
        return moved.error();
    for (auto const& cell : *moved)
    {
        bool const refused = cell.kind() == value_kind::string &&
                             base::equal_ignoring_case(cell.get<std::string>(), "Failed");
        if (refused)
            return failure(errc::query_failed, stage::commit,
                           "the service did not move the extents; see its own log");
        auto const id = id_of(cell, "ResultExtentId");
        if (!id)
            return id.error();
    }
    return moved->size();
}

result<std::optional<found_commit>> read_commit(table const& reply)
{
    auto const checkpoints = column_of(reply, "checkpoint");
    if (!checkpoints)
        return checkpoints.error();
    auto const positions = column_of(reply, "position");
    if (!positions)
        return positions.error();
    auto const owners = column_of(reply, "owner");
    if (!owners)
        return owners.error();
    if (reply.empty())
        return std::optional<found_commit>();
    auto const checkpoint = count_of(checkpoints->front(), "checkpoint");
    if (!checkpoint)
        return checkpoint.error();
    auto const text = text_of(positions->front(), "position");
    if (!text)
        return text.error();
    auto const position = base::base64_decode(*text);
    if (!position)
        return malformed_cell("position", "base64");
    auto const owner = text_of(owners->front(), "owner");
    if (!owner)
        return owner.error();
    return std::optional(found_commit{*checkpoint, *position, *owner});
}

} // namespace kusto::wire
