// Two functions that the C interface of LadybugDB 0.22.0 calls and that the engine inside the Python wheel keeps to itself.
#include "common/types/types.h"
#include "main/prepared_statement.h"
#include "main/prepared_statement_manager.h"

namespace lbug::common {

LogicalType::LogicalType(LogicalTypeID id, std::unique_ptr<ExtraTypeInfo> details)
    : typeID{id}, physicalType{getPhysicalType(id, details)}, extraTypeInfo{std::move(details)} {}

} // namespace lbug::common

namespace lbug::main {

CachedPreparedStatement* CachedPreparedStatementManager::getCachedStatement(const std::string& name) const {
    return statementMap.at(name).get();
}

} // namespace lbug::main
