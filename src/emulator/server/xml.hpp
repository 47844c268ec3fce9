#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kusto::emulator
{

/// An element of a parsed document: name, its own text (entities resolved), children. Attributes
/// are checked for form and dropped: no storage request body has any that matter.
struct xml_element
{
    std::string name;
    std::string text;
    std::vector<xml_element> children;
};

/// Parses a whole document strictly: optional byte order mark and declaration, one root element, no
/// document type, no comments. Nothing when the text is not well-formed.
[[nodiscard]] std::optional<xml_element> parse_xml(std::string_view text);

} // namespace kusto::emulator
