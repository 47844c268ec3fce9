#pragma once

#include <emulator/server/storage_call.hpp>
#include <emulator/server/table_entity.hpp>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace kusto::emulator
{

/// Storage tables in memory: insert, get, merge, replace, their upserts, delete, simple query.
///
/// \par Thread safety
/// All member functions may be called from any thread.
class table_service
{
public:
    void create_table(std::string const& account, std::string const& name);
    [[nodiscard]] bool has_table(std::string const& account, std::string const& name) const;

    [[nodiscard]] sas_need need(storage_call const& call) const;
    /// \throws storage_error
    response handle(storage_call& call);

    /// Insert-or-merge from inside the cluster. An unknown table is ignored.
    void merge(sas_target const& target, std::string const& partition_key,
               std::string const& row_key, std::map<std::string, std::string> const& properties,
               system_time now);

private:
    using entity_key = std::pair<std::string, std::string>;
    using table = std::map<entity_key, table_entity>;
    using table_key = std::pair<std::string, std::string>;

    response insert(storage_call& call);
    response get(storage_call const& call);
    response write(storage_call& call, bool replace);
    response remove(storage_call const& call);
    response query(storage_call const& call);
    table& find_table(storage_call const& call);
    static void stamp(table_entity& entity, system_time now);

    mutable std::mutex mutex_;
    std::map<table_key, table> tables_; ///< by account and lower-case name
};

} // namespace kusto::emulator
