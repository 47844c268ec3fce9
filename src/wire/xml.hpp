#pragma once

#include <string>
#include <string_view>

namespace kusto::wire
{

/// Text of the first element `name` in an XML document, entities decoded; empty if there is none.
/// The element may have attributes; elements inside of it are not interpreted.
[[nodiscard]] std::string xml_text(std::string_view document, std::string_view name);

/// `text` as the content of an element.
[[nodiscard]] std::string xml_escaped(std::string_view text);

} // namespace kusto::wire
