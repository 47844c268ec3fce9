#include <emulator/engine.hpp>

#include "calendar.hpp"
#include "catalog.hpp"
#include "command.hpp"
#include "ingestion.hpp"
#include "query.hpp"

#include <base/guid.hpp>
#include <mutex>

namespace kusto::emulator
{

/// One connection to SQLite, hence one lock around everything.
struct engine::impl
{
    impl(std::string const& file, std::vector<std::string> const& databases,
         engine_settings settings)
        : stored(file, databases, std::move(settings))
    {
    }

    ingest_result ingest(ingest_request const& request, std::int64_t visible_from)
    {
        ingest_result result;
        try
        {
            result = kql::ingest_blob(stored, request, visible_from);
        }
        catch (kql::ingest_failure const& failure)
        {
            result.status = "Failed";
            result.error_code = failure.code;
            result.details = failure.details;
            result.permanent = failure.permanent;
        }
        catch (std::exception const& problem)
        {
            result.status = "Failed";
            result.error_code = "General_InternalServerError";
            result.details = problem.what();
            result.permanent = false;
        }
        result.operation_id = base::guid::random().to_string();
        result.activity_id = base::guid::random().to_string();
        if (result.status == "Failed")
            remember(request, result);
        return result;
    }

    void remember(ingest_request const& request, ingest_result const& result)
    {
        ingestion_failure failure;
        failure.operation_id = result.operation_id;
        failure.database = request.database;
        failure.table = request.table;
        failure.failed_on = kql::format_datetime(kql::now_ticks());
        failure.source_path = request.source_path;
        failure.details = result.details;
        failure.error_code = result.error_code;
        failure.failure_kind = result.permanent ? "Permanent" : "Transient";
        failure.activity_id = result.activity_id;
        failure.should_retry = !result.permanent;
        stored.add_failure(std::move(failure));
    }

    std::mutex mutex;
    kql::catalog stored;
};

engine::engine(std::string const& file, std::vector<std::string> const& databases,
               engine_settings settings)
    : impl_(std::make_unique<impl>(file, databases, std::move(settings)))
{
}

engine::~engine() = default;

result_table engine::command(std::string const& database, std::string_view text)
{
    std::lock_guard const lock(impl_->mutex);
    return kql::run_command(impl_->stored, database, text,
                            [this](ingest_request const& request)
                            { return impl_->ingest(request, 0); });
}

result_table engine::query(std::string const& database, std::string_view text)
{
    std::lock_guard const lock(impl_->mutex);
    if (!has_database(database))
        throw kql::entity_not_found("Database '" + database + "' could not be found");
    return kql::run_query(impl_->stored, database, text);
}

ingest_result engine::ingest(ingest_request const& request)
{
    std::lock_guard const lock(impl_->mutex);
    std::int64_t const delay = impl_->stored.visibility_delay();
    return impl_->ingest(request, delay == 0 ? 0 : impl_->stored.now() + delay);
}

tag_check engine::check_tags(ingest_request const& request)
{
    std::lock_guard const lock(impl_->mutex);
    return kql::find_tags(impl_->stored, request);
}

void engine::record_failure(ingestion_failure failure)
{
    std::lock_guard const lock(impl_->mutex);
    impl_->stored.add_failure(std::move(failure));
}

// The set of databases does not change after construction.
bool engine::has_database(std::string_view name) const
{
    return impl_->stored.find_database(name) != nullptr;
}

} // namespace kusto::emulator
