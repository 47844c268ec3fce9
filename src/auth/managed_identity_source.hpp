#pragma once

#include <auth/sources.hpp>
#include <string>
#include <utility>

namespace kusto::auth
{

/// Where the agent of Azure Arc has its files.
class arc_places
{
public:
    arc_places();
    arc_places(std::string agent, std::string keys) : agent(std::move(agent)), keys(std::move(keys))
    {
    }

    std::string agent; ///< its program, which shows that it is installed
    std::string keys;  ///< the only directory from which a key file is read
};

/// As the other one, with another place for the files of Azure Arc.
[[nodiscard]] source_ptr make_managed_identity_source(detail::managed_identity_data const& data,
                                                      std::string name, source_context const& with,
                                                      arc_places const& arc);

} // namespace kusto::auth
